package cftokens_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestValue_NotInErrors checks that the value of a token is not in the text of an error,
// whatever the status of the response that contains it.
func TestValue_NotInErrors(t *testing.T) {
	t.Parallel()
	const value = leak + "-value"
	for _, status := range []int{200, 201, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 409, 429, 500, 502, 503} {
		for operation, result := range map[string]string{
			"createToken": `{"id":"` + tokenID + `","value":"` + value + `"}`,
			"rollToken":   `"` + value + `"`,
		} {
			for _, body := range []string{
				`{"success":false,"errors":[],"messages":[],"result":` + result + `}`,
				`{"success":false,"errors":null,"result":` + result + `}`,
				`{"success":false,"result":` + result + `}`,
				`{"success":false,"errors":[{"code":1,"message":"no"}],"result":` + result + `}`,
				` {"result":` + result + `,"success":false}`,
				`{"success":false,"errors":[],"result":` + result, // truncated
				success(result),
				success(result) + "trailing",
				success(result)[:len(success(result))-2],
				`{"result":` + result + `}`,
				`[` + success(result) + `]`,
				"\ufeff" + success(result),
				"\ufeff\n" + success(result),
				")]}'\n" + success(result),
				"1f\r\n" + success(result),
				`{"success":false,"errors":[{"code":"x","value":` + result + `}]}`,
				`{"success":false,"errors":{"result":` + result + `}}`,
				`{"success":false,"errors":[[` + result + `]]}`,
				`"` + value + `"`,
			} {
				err := everyCall[operation](t, newClient(t, respond(status, body)))
				if err == nil && (status > 299 || strings.TrimLeft(body, "\ufeff\n") != success(result)) {
					t.Errorf("%s, status %d, body %s: no error", operation, status, body)
				}
				if err != nil && strings.Contains(err.Error(), leak) {
					t.Errorf("%s, status %d, body %s: error = %v, which shows the value", operation, status, body, err)
				}
			}
		}
	}
}

// TestCreate_ValueWithError checks that a value is returned even if something else in
// the response cannot be decoded.
func TestCreate_ValueWithError(t *testing.T) {
	t.Parallel()
	token := func(property string) string {
		return `{"id":"` + tokenID + `",` + property + `,"value":"` + tokenValue + `"}`
	}
	odd := map[string]string{
		"condition is a list":       success(token(`"condition":[]`)),
		"in is a string":            success(token(`"condition":{"request_ip":{"in":"192.0.2.1"}}`)),
		"empty expires_on":          success(token(`"expires_on":""`)),
		"expires_on is a number":    success(token(`"expires_on":7`)),
		"boolean in meta":           success(token(`"policies":[{"permission_groups":[{"id":"a","meta":{"b":true}}]}]`)),
		"policies are an object":    success(token(`"policies":{"result":{"value":"` + leak + `"}}`)),
		"name is a number":          success(token(`"name":7`)),
		"success is missing":        `{"errors":[],"messages":[],"result":` + token(`"name":"n"`) + `}`,
		"success is null":           `{"success":null,"result":` + token(`"name":"n"`) + `}`,
		"success is a string":       `{"success":"yes","result":` + token(`"name":"n"`) + `}`,
		"truncated after the value": strings.TrimSuffix(success(token(`"name":"n"`)), "}}"),
		"trailing data":             success(token(`"name":"n"`)) + "<html>",
		"malformed after the value": `{"success":true,"result":{"id":"` + tokenID + `","value":"` + tokenValue + `",nonsense}}`,
		"result after an odd one":   `{"result_info":[{"value":"` + leak + `"}],"success":7,"result":` + token(`"name":"n"`) + `}`,
	}
	for name, body := range odd {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := sequence(reply(http.StatusOK, body))
			created, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())).Create(t.Context(), tokenCreate())
			if created == nil || created.ID != tokenID || created.Value.Reveal() != tokenValue {
				t.Fatalf("Create() = %v, %v; want the ID and the value", created, err)
			}
			checkValueError(t, err, len(api.requests))
		})
	}
}

func TestRoll_ValueWithError(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"success is missing":        `{"errors":[],"messages":[],"result":"` + tokenValue + `"}`,
		"success is null":           `{"result":"` + tokenValue + `","success":null}`,
		"success is a string":       `{"success":"yes","result":"` + tokenValue + `"}`,
		"truncated after the value": strings.TrimSuffix(success(`"`+tokenValue+`"`), "}"),
		"trailing data":             success(`"`+tokenValue+`"`) + "<html>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := sequence(reply(http.StatusOK, body))
			value, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())).Roll(t.Context(), tokenID)
			if value.Reveal() != tokenValue {
				t.Fatalf("Roll() = %d characters, %v; want the value", len(value.Reveal()), err)
			}
			checkValueError(t, err, len(api.requests))
		})
	}
}

// checkValueError checks the error that is returned along with a value.
func checkValueError(t *testing.T, err error, requests int) {
	t.Helper()
	var decodeErr *cftokens.DecodeError
	if !errors.As(err, &decodeErr) || errors.Is(err, cftokens.ErrOutcomeUnknown) {
		t.Errorf("error = %v, want a *DecodeError that does not match ErrOutcomeUnknown", err)
	}
	if text := err.Error(); !strings.Contains(text, "the token's ID and value are returned") || strings.Contains(text, tokenValue) || strings.Contains(text, leak) {
		t.Errorf("error = %q, want it to say that ID and value are returned, and not to show them", text)
	}
	if requests != 1 {
		t.Errorf("%d requests, want 1", requests)
	}
}

// TestValue_NotArrived checks that a response of which the value did not arrive leaves
// the outcome unknown.
func TestValue_NotArrived(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ operation, body string }{
		"value of another type":    {"createToken", success(`{"id":"` + tokenID + `","value":7}`)},
		"empty value":              {"createToken", success(`{"id":"` + tokenID + `","value":""}`)},
		"value outside the result": {"createToken", `{"success":true,"value":"` + leak + `","result":{"id":"` + tokenID + `","a":{"value":"` + leak + `"}}}`},
		"truncated in the value":   {"createToken", `{"success":true,"result":{"id":"` + tokenID + `","value":"` + leak},
		"list for a result":        {"createToken", success(`[{"value":"` + leak + `"}]`)},
		"empty rolled value":       {"rollToken", success(`""`)},
		"truncated rolled value":   {"rollToken", `{"success":true,"result":"` + leak},
		"object for a value":       {"rollToken", success(`{"value":"` + leak + `"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, respond(http.StatusOK, tt.body))
			var got bool
			var err error
			if tt.operation == "createToken" {
				var created *cftokens.CreatedToken
				created, err = client.Create(t.Context(), tokenCreate())
				got = created != nil
			} else {
				value, rollErr := client.Roll(t.Context(), tokenID)
				got, err = !value.IsZero(), rollErr
			}
			var decodeErr *cftokens.DecodeError
			if got || !errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.As(err, &decodeErr) {
				t.Errorf("%s error = %v, with a value: %v; want ErrOutcomeUnknown and a *DecodeError alone", tt.operation, err, got)
			}
			if err != nil && strings.Contains(err.Error(), leak) {
				t.Errorf("%s error = %v, which shows the value", tt.operation, err)
			}
		})
	}
}

// TestValue_OddResultInfo checks that result_info is of no interest to a create or roll.
func TestValue_OddResultInfo(t *testing.T) {
	t.Parallel()
	for _, info := range []string{`[]`, `7`, `"x"`, `{"page":1.5}`, `null`} {
		body := func(result string) string {
			return `{"success":true,"errors":[],"messages":[],"result_info":` + info + `,"result":` + result + `}`
		}
		created, err := newClient(t, respond(http.StatusOK, body(`{"id":"`+tokenID+`","value":"`+tokenValue+`"}`))).Create(t.Context(), tokenCreate())
		if err != nil || created.Value.Reveal() != tokenValue {
			t.Errorf("result_info %s: Create() error = %v, want success", info, err)
		}
		value, err := newClient(t, respond(http.StatusOK, body(`"`+tokenValue+`"`))).Roll(t.Context(), tokenID)
		if err != nil || value.Reveal() != tokenValue {
			t.Errorf("result_info %s: Roll() error = %v, want success", info, err)
		}
	}
}

// TestCreate_ValueInErrorResponse checks that a value is returned whatever the response
// says of itself, and that no second token is created.
func TestCreate_ValueInErrorResponse(t *testing.T) {
	t.Parallel()
	result := `{"id":"` + tokenID + `","value":"` + tokenValue + `"}`
	for _, tt := range []struct {
		name   string
		status int
		body   string
	}{
		{"success: false", 200, strings.Replace(success(result), "true", "false", 1)},
		{"status 429", 429, success(result)},
		{"status 500", 500, success(result)},
		{"status 302", 302, success(result)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := respond(tt.status, tt.body)
			created, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 2})).Create(t.Context(), tokenCreate())
			if created == nil || created.ID != tokenID || created.Value.Reveal() != tokenValue {
				t.Fatalf("Create() = %v, %v; want the ID and the value", created, err)
			}
			if err == nil || errors.Is(err, cftokens.ErrOutcomeUnknown) || len(api.requests) != 1 {
				t.Errorf("Create() error = %v after %d requests, want an error whose outcome is known, after 1", err, len(api.requests))
			}
		})
	}
}
