package cftokens

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// wireDetail is an entry of errors or messages in any form that was observed:
// without a code, with the code as a string, with a chain.
type wireDetail struct {
	Code             json.RawMessage `json:"code"`
	Message          string          `json:"message"`
	DocumentationURL string          `json:"documentation_url"`
	Source           wireSource      `json:"source"`
	ErrorChain       json.RawMessage `json:"error_chain"`
}

type wireSource struct {
	Pointer string `json:"pointer"`
}

// maxChain limits how deep chains of errors are read.
const maxChain = 16

// unknownForm replaces an entry that is not quoted, because it may contain the value of
// a token.
const unknownForm = "(an entry in an unknown form)"

// details decodes a list of entries. A bare string becomes a message without a code.
func (r *response) details(raw json.RawMessage, depth int) []ErrorDetail {
	if len(raw) == 0 || depth > maxChain {
		return nil
	}
	var entries []json.RawMessage
	if json.Unmarshal(raw, &entries) != nil {
		entries = []json.RawMessage{raw}
	}
	var details []ErrorDetail
	for _, entry := range entries {
		details = append(details, r.detail(entry, depth))
	}
	return details
}

func (r *response) detail(raw json.RawMessage, depth int) ErrorDetail {
	if !bytes.HasPrefix(raw, []byte("{")) {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = unknownForm
		}
		return ErrorDetail{Message: r.sanitize(text)}
	}
	var wire wireDetail
	if json.Unmarshal(raw, &wire) != nil {
		return ErrorDetail{Message: unknownForm}
	}
	d := ErrorDetail{
		Message:          r.sanitize(wire.Message),
		DocumentationURL: r.sanitize(wire.DocumentationURL),
		Pointer:          r.sanitize(wire.Source.Pointer),
		Chain:            r.details(wire.ErrorChain, depth+1),
	}
	d.Code, _ = strconv.Atoi(string(bytes.Trim(wire.Code, `"`))) // 0 if it is not a whole number
	if d.Code == 0 && d.Message == "" && len(d.Chain) == 0 {
		d.Message = unknownForm
	}
	return d
}
