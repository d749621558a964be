package cftokens

import (
	"bytes"
	"encoding/json"
)

// oldRequestIP is what the API called request_ip for some time until 2025. It still
// accepts both, and files written for older clients contain it.
const oldRequestIP = "request.ip"

// UnmarshalJSON decodes a condition. The old key "request.ip" is taken for
// "request_ip" unless that restricts too.
func (c *Condition) UnmarshalJSON(data []byte) error {
	type Plain Condition // without this method
	// The decoder ignores case, and a key may contain escapes: only the dot is certain.
	if !bytes.ContainsAny(data, `.\`) {
		return json.Unmarshal(data, (*Plain)(c))
	}
	v := struct {
		*Plain
		Old RequestIP `json:"request.ip"` // oldRequestIP
	}{Plain: (*Plain)(c)}
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	if isZero(c.RequestIP) {
		c.RequestIP = v.Old
	}
	return nil
}
