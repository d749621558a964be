package cftokens

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// envelope is the JSON object that the API wraps every result in. Its errors and
// messages are left out: they mean nothing on success, and vary in form.
type envelope[T any] struct {
	Success    *bool       `json:"success"`
	Result     *T          `json:"result"`
	ResultInfo lenientInfo `json:"result_info"`
}

// lenientInfo is a ResultInfo that is zero if it cannot be decoded: malformed totals must
// not make a page unreadable.
type lenientInfo struct{ ResultInfo }

func (t *lenientInfo) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &t.ResultInfo) != nil {
		t.ResultInfo = ResultInfo{}
	}
	return nil
}

// decode returns the envelope of r. The error is an *APIError or a *DecodeError. If r
// nevertheless contains the value of a token, decode returns an envelope with the value
// along with the error.
func decode[T any](r *response, validate func(*T) error) (*envelope[T], error) {
	env := new(envelope[T])
	err := env.unmarshal(r, validate)
	if err == nil {
		return env, nil
	}
	env.Result = nil
	switch result := any(&env.Result).(type) {
	case **CreatedToken:
		*result = findCreatedToken(r.body)
	case **secret.Value:
		if r.success() { // a string may be anything in an error response
			*result = findValue(r.body)
		}
	}
	if env.Result == nil {
		return nil, err
	}
	var undecodable *DecodeError
	if errors.As(err, &undecodable) {
		undecodable.Err = fmt.Errorf("%w; the token's ID and value are returned if the response contains them", undecodable.Err)
	}
	return env, err
}

// unmarshal decodes the body of r into env. Its error is an *APIError or a *DecodeError.
func (env *envelope[T]) unmarshal(r *response, validate func(*T) error) error {
	switch {
	case !r.success():
		return r.apiError()
	case r.readErr != nil:
		return r.decodeError(redactError(r.readErr, r.credential))
	}
	err := jsonError(json.Unmarshal(r.body, env))
	switch {
	case isFailure(r.body, env.Success, err):
		return r.apiError()
	case err != nil:
	case env.Success == nil:
		err = errors.New(`response has no "success" field`)
	default:
		err = validate(env.Result)
	}
	if err != nil {
		return r.decodeError(err)
	}
	return nil
}

// isFailure reports whether body is an envelope with "success": false, whatever the
// type of its result.
func isFailure(body []byte, success *bool, err error) bool {
	if err != nil {
		var env struct{ Success *bool }
		if json.Unmarshal(body, &env) != nil {
			return false
		}
		success = env.Success
	}
	return success != nil && !*success
}

// jsonError describes an error of encoding/json without the values that some of them
// quote.
func jsonError(err error) error {
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	var parse *time.ParseError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("body is not valid JSON, at byte %d", syntax.Offset)
	case errors.As(err, &parse):
		return errors.New("unexpected JSON: a time is not in the format of RFC 3339")
	case errors.As(err, &mismatch):
		kind, _, _ := strings.Cut(mismatch.Value, " ")
		return fmt.Errorf("unexpected JSON: %s for %s", kind, mismatch.Type)
	}
	return errors.New("unexpected JSON")
}

// findCreatedToken returns the ID and the value of the token in body, an envelope that
// may be malformed or incomplete, or nil if the value is not there.
func findCreatedToken(body []byte) *CreatedToken {
	d := json.NewDecoder(bytes.NewReader(body))
	var t CreatedToken
	for key := range keys(d) {
		if key != "result" {
			skip(d)
			continue
		}
		for key := range keys(d) {
			switch key {
			case "id":
				_ = d.Decode(&t.ID)
			case "value":
				_ = d.Decode(&t.Value)
			default:
				skip(d)
			}
		}
	}
	if t.Value.IsZero() {
		return nil
	}
	return &t
}

// findValue is like findCreatedToken for a result that is the value itself.
func findValue(body []byte) *secret.Value {
	d := json.NewDecoder(bytes.NewReader(body))
	var v secret.Value
	for key := range keys(d) {
		if key == "result" {
			_ = d.Decode(&v)
		} else {
			skip(d)
		}
	}
	if v.IsZero() {
		return nil
	}
	return &v
}

// keys returns an iterator over the keys of the object that d is at. The caller decodes
// the value of each. The iteration ends at the first malformed key.
func keys(d *json.Decoder) iter.Seq[string] {
	return func(yield func(string) bool) {
		if token, err := d.Token(); err != nil || token != json.Delim('{') {
			return
		}
		for d.More() {
			token, err := d.Token()
			key, ok := token.(string)
			if err != nil || !ok || !yield(key) {
				return
			}
		}
		_, _ = d.Token() // the closing brace
	}
}

func skip(d *json.Decoder) {
	var value json.RawMessage
	_ = d.Decode(&value)
}
