package cftokens

import (
	"bytes"
	"encoding/json"
)

// oldConditionKey is what the API called request_ip for some time until 2025, and
// takes to this day. See the schema Condition in openapi.yaml.
const oldConditionKey = `"request.ip"`

// renameConditionKey gives conditions in body the present key, so that a token
// that is restricted under the old one does not look unrestricted. A condition
// that restricts under both keys is left alone: [Client.Edit] refuses it. A body
// that is no JSON comes back as it is, for the decoder to complain of.
func renameConditionKey(body []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil || decoder.More() {
		return body
	}
	renameIn(v)
	renamed, err := json.Marshal(v)
	if err != nil {
		return body
	}
	return renamed
}

func renameIn(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			renameIn(item)
		}
	case map[string]any:
		if condition, ok := v["condition"].(map[string]any); ok {
			old, has := condition["request.ip"]
			if has && holdsNothing(condition["request_ip"]) {
				condition["request_ip"] = old
				delete(condition, "request.ip")
			}
		}
		for _, item := range v {
			renameIn(item)
		}
	}
}

// holdsNothing tells whether v is null, or an object of nothing else.
func holdsNothing(v any) bool {
	object, ok := v.(map[string]any)
	for _, item := range object {
		if !holdsNothing(item) {
			return false
		}
	}
	return ok || v == nil
}
