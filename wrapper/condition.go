package cftokens

import (
	"encoding/json"
	"unicode"
)

// oldRequestIP is a name that the API's reference used for request_ip until 2025. The API
// still accepts both, and files written for older clients contain it.
const oldRequestIP = "request.ip"

// UnmarshalJSON implements [json.Unmarshaler]. The old key "request.ip" is read as
// "request_ip" if the latter is missing or empty.
func (c *Condition) UnmarshalJSON(data []byte) error {
	type Plain Condition // without this method
	if !mayHaveOldKey(data) {
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

// mayHaveOldKey reports whether data may contain the old key. The decoder ignores case,
// including that of some non-ASCII letters, and a key may contain escapes.
func mayHaveOldKey(data []byte) bool {
	for i, b := range data {
		if b == '\\' || b > unicode.MaxASCII || b == '.' && i > 0 && data[i-1]|0x20 == 't' {
			return true
		}
	}
	return false
}
