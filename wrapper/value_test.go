package cftokens_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestValue_NotInErrors checks that no error contains the value of a token, whatever the
// status and the form of the response.
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
				call := fmt.Sprintf("%s, status %d, body %s:", operation, status, body)
				valid := status <= 299 && strings.TrimLeft(body, "\ufeff\n") == success(result)
				if err == nil && !valid {
					t.Errorf("%s error = nil, want one", call)
				}
				checkNoLeak(t, call, err, leak)
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
	for name, body := range map[string]string{
		"condition is a list":          success(token(`"condition":[]`)),
		"in is a string":               success(token(`"condition":{"request_ip":{"in":"192.0.2.1"}}`)),
		"empty expires_on":             success(token(`"expires_on":""`)),
		"expires_on is a number":       success(token(`"expires_on":7`)),
		"boolean in meta":              success(token(`"policies":[{"permission_groups":[{"id":"a","meta":{"b":true}}]}]`)),
		"policies are an object":       success(token(`"policies":{"result":{"value":"` + leak + `"}}`)),
		"name is a number":             success(token(`"name":7`)),
		"success is missing":           `{"errors":[],"messages":[],"result":` + token(`"name":"n"`) + `}`,
		"success is null":              `{"success":null,"result":` + token(`"name":"n"`) + `}`,
		"success is a string":          `{"success":"yes","result":` + token(`"name":"n"`) + `}`,
		"truncated after the value":    strings.TrimSuffix(success(token(`"name":"n"`)), "}}"),
		"trailing data":                success(token(`"name":"n"`)) + "<html>",
		"malformed after the value":    `{"success":true,"result":{"id":"` + tokenID + `","value":"` + tokenValue + `",nonsense}}`,
		"result after a malformed one": `{"result_info":[{"value":"` + leak + `"}],"success":7,"result":` + token(`"name":"n"`) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := sequence(reply(http.StatusOK, body))
			created, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())).Create(t.Context(), tokenCreate())
			checkCreated(t, "Create()", created)
			checkValueError(t, "Create()", err)
			api.checkRequests(t, "Create()", 1)
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
				t.Fatalf("Roll() = %q, %v; want %s", value.Reveal(), err, tokenValue)
			}
			checkValueError(t, "Roll()", err)
			api.checkRequests(t, "Roll()", 1)
		})
	}
}

// checkValueError checks the error that is returned together with a value.
func checkValueError(t *testing.T, call string, err error) {
	t.Helper()
	_ = asError[*cftokens.DecodeError](t, call, err)
	checkUnknown(t, call, err, false)
	checkError(t, call, err, nil, "the value of the token was received")
	checkNoLeak(t, call, err, tokenValue, leak)
}

// TestValue_Found checks that a value is found wherever and however a response contains it.
func TestValue_Found(t *testing.T) {
	t.Parallel()
	token := `{"id":"` + tokenID + `","name":"n","policies":[` + policyJSON + `],"value":"` + tokenValue + `"}`
	const decoy = `"DECOY-token_value_not_a_secret_0123456789"`
	for name, tt := range map[string]struct {
		body   string
		status int
		noID   bool
	}{
		"text before the JSON":                 {body: "Warning: {deprecated}\n" + success(token)},
		"HTML before the JSON":                 {body: "<p class=\"a\">" + success(token)},
		"syntax error before":                  {body: strings.Replace(success(token), `"errors":[]`, `"errors":[`, 1)},
		"missing quote before":                 {body: strings.Replace(success(token), `"name"`, `"name`, 1)},
		"missing quote of the key":             {body: strings.Replace(success(token), `"value"`, `value"`, 1)},
		"damaged key":                          {body: strings.Replace(success(token), `"value"`, `"vblue"`, 1), noID: true},
		"damaged quote before the value":       {body: strings.Replace(success(token), `"EXAMPLE`, `EXAMPLE`, 1) + `"x"`, noID: true},
		"damaged quote after the value":        {body: strings.Replace(success(token), tokenValue+`"`, tokenValue, 1) + `,"x":7}`, noID: true},
		"no result, and a bracket in a string": {body: strings.NewReplacer(`"result"`, `"res0lt"`, ".zone.", ".{zone.").Replace(success(token))},
		"no result, and a string like a list":  {body: strings.NewReplacer(`"result"`, `"res0lt"`, `"com.`, `"[com.`).Replace(success(token))},
		"no result, and an entity in a string": {body: strings.NewReplacer(`"result"`, `"res0lt"`, `"com.`, `"&quot;com.`).Replace(success(token))},
		"stray backslash":                      {body: strings.Replace(success(token), `"n"`, `"n\"`, 1)},
		"keys in another case":                 {body: strings.NewReplacer("id", "ID", "value\"", "Value\"", "result", "Result", `"name"`, `7`).Replace(success(token))},
		"one level deeper":                     {body: success(`{"token":` + token + `}`)},
		"in a list":                            {body: success(`[` + token + `]`)},
		"next to meta and policies":            {body: "x" + success(`{"meta":{"value":`+decoy+`},"policies":[{"value":`+decoy+`}],`+token[1:])},
		"less deep than another":               {body: success(`{"a":{"value":` + decoy + `},` + token[1:] + "}")},
		"longer than another":                  {body: success(`{"value":"short-and-not-a-token-value",` + token[1:] + "}")},
		"beyond 64 KiB of a page":              {body: "<html>" + strings.Repeat("<p>", 64<<10) + success(token), status: 502},
		"beyond 64 KiB of an error":            {body: `{"success":false,"errors":["` + strings.Repeat("a b", 64<<10) + `"],"result":` + token + `}`, status: 403},
		"no ID":                                {body: "x" + success(`{"value":"`+tokenValue+`"}`), noID: true},
		"ID of another token before":           {body: "x" + success(`[{"id":"2f0e2d3c4b5a69788796a5b4c3d2e1f0"},`+token+`,{"id":"3f0e2d3c4b5a69788796a5b4c3d2e1f0"}]`)},
		"JSON in JSON":                         {body: `{"statusCode":200,"body":` + quote(success(token)) + `}`},
		"JSON in a string, twice":              {body: quote(quote(success(token)))},
		"JSON in HTML":                         {body: "<pre>" + html.EscapeString(success(token)) + "</pre>"},
		"JSON in a string":                     {body: quote(success(token))},
		"ID after the value":                   {body: `{"success":true,"result":{"value":"` + tokenValue + `","id":"` + tokenID + `"},"result_info":{"id":"2f0e2d3c4b5a69788796a5b4c3d2e1f0"}} x`},
		"ID of an error before":                {body: `{"success":true,"errors":[{"id":"2f0e2d3c4b5a69788796a5b4c3d2e1f0"}],"result":[{"value":"` + tokenValue + `","id":"` + tokenID + `"}]}`},
		"escapes":                              {body: "x" + strings.Replace(success(token), "-token", `\u002dtoken`, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := respond(max(tt.status, http.StatusOK), tt.body)
			created, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())).Create(t.Context(), tokenCreate())
			if created == nil || created.Value.Reveal() != tokenValue {
				t.Fatalf("Create() = %v, %v; want the value", created, err)
			}
			if want := tokenID; created.ID != want && !tt.noID {
				t.Errorf("Create() = token %q, want %s", created.ID, want)
			}
			checkError(t, "Create()", err, nil, "")
			checkUnknown(t, "Create()", err, strings.HasPrefix(name, "damaged")) // a value recognized by its form may be something else
			checkNoLeak(t, "Create()", err, tokenValue)
			api.checkRequests(t, "Create()", 1)
		})
	}
	for name, body := range map[string]string{
		"text before the JSON": "Warning\n" + success(`"`+tokenValue+`"`),
		"another case":         "x" + strings.Replace(success(`"`+tokenValue+`"`), "result", "RESULT", 1),
		"in an object":         success(`{"value":"` + tokenValue + `"}`),
		"damaged key":          strings.Replace(success(`"`+tokenValue+`"`), "result", "resuIt", 1),
	} {
		value, err := newClient(t, respond(http.StatusOK, body)).Roll(t.Context(), tokenID)
		if value.Reveal() != tokenValue {
			t.Errorf("%s: Roll() = %q, %v; want the value", name, value.Reveal(), err)
		}
		checkUnknown(t, name+": Roll()", err, strings.HasPrefix(name, "damaged"))
	}
}

// quote returns text as a JSON string.
func quote(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// TestValue_Mistaken checks that nothing else is taken for a value.
func TestValue_Mistaken(t *testing.T) {
	t.Parallel()
	const hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for name, body := range map[string]string{
		"echo of the credential":     `{"success":true,"errors":[],"messages":["Bearer ` + credential + `"],"result":{"value":"` + credential + `"}}x`,
		"cut, and another body":      `{"success":true,"result":{"id":"` + tokenID + `","value":"EXAMPLE-token_value_not_a_{"error":"upstream timeout"}`,
		"challenge page":             `<html><div id="challenge-success"><img alt="Success icon" title="Errors"></div><script>x={"success":1,"errors":0,t:"__cf_chl_tk=EXAMPLE-0Qk5a7Wf1yGkZ3xN8mEoRr4uLdVhPzXcYqB0A-1717171717-0-gaNy"}</script>`,
		"result of another form":     success(`"request-accepted-for-processing"`),
		"value of an error":          `{"success":false,"errors":[{"code":1001,"message":"invalid","value":"com.cloudflare.api.account.zone.x"}]}`,
		"long name, value null":      `{"success": true, "errors": [], "result": {"id": "` + tokenID + `", "name": "terraform-cloud-workspace-production-dns-editor-2026", "value": null}}`,
		"long name, cut":             `{"success": true, "errors": [], "result": {"id": "` + tokenID + `", "name": "terraform-cloud-workspace-production-dns-editor-2026", "value": "EXAMPLE-456789012345678901234567890`,
		"long name, cut in the name": `{"success": true, "errors": [], "result": {"id": "` + tokenID + `", "name": "terraform-cloud-workspace-production-dns-editor-2026`,
		"page with a nonce":          `<script nonce="EXAMPLE-nonce_of_a_page_0123456789012345678901"></script>`,
		"error with a long word":     apiError("1001", "unknown group "+strings.Repeat("group-", 9)),
		"hash in an envelope":        `{"success":true,"errors":[],"result":{"checksum":"` + hash + `"}}`,
		"other JSON":                 `{"request_id":"EXAMPLE-request_id_0123456789012345678901234567","error":"no"}`,
		"name":                       `{"success":true,"errors":[],"result":{"name":"` + strings.Repeat("name-", 9) + `"}}`,
		"value of meta":              success(`{"policies":[{"permission_groups":[{"meta":{"key":"k","value":"` + tokenValue + `"}}]}]}`),
		"short value":                success(`{"value":"0123456789012345678"}`) + "x",
		"value with a space":         success(`{"value":"not a value of a token, but text"}`) + "x",
		"truncated, but long value":  `{"success":true,"errors":[],"result":{"value":"EXAMPLE-0123456789012345678901234567890123456`,
	} {
		created, err := newClient(t, respond(http.StatusOK, body)).Create(t.Context(), tokenCreate())
		if created != nil {
			t.Errorf("%s: Create() = the value %q, want none", name, created.Value.Reveal())
		}
		if err == nil {
			t.Errorf("%s: Create() error = nil, want one", name)
		}
	}
}

// TestValue_Unsure checks that a string that may be something else comes with
// ErrOutcomeUnknown.
func TestValue_Unsure(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{
		200: `{"success":true,"result":{"id":"` + tokenID + `","policies":[{"permission_groups":[{"meta":{"value":"com.cloudflare.edge.r2.bucket"}}]}],"value":"EX`,
		400: `{"success":false,"errors":[{"code":1}],"result":{"value":"EXAMPLE-not_a_value_0123456789"}}`,
		413: `{"trace":{"value":"EXAMPLE-not_a_value_0123456789"}}`,
		422: `{"detail":[{"loc":["header","x"],"msg":"bad","value":"EXAMPLE-not_a_value_0123456789"}]}`,
		500: `{"success":false,"errors":[{"code":1}],"trace":[{"key":"trace","value":"00-0af7651916cd43dd8448eb211c80319c-01"}]}`,
	} {
		_, err := newClient(t, respond(status, body)).Create(t.Context(), tokenCreate())
		checkUnknown(t, fmt.Sprintf("status %d: Create()", status), err, true)
	}
	body := `{"success":false,"errors":[{"code":1}],"result":{"id":"request","value":"EXAMPLE-not_a_value_0123456789"}}`
	_, err := newClient(t, respond(http.StatusBadRequest, body)).Roll(t.Context(), tokenID)
	checkUnknown(t, "Roll()", err, true)
}

// TestValue_Time checks that bodies of many values take no more than linear time.
func TestValue_Time(t *testing.T) {
	t.Parallel()
	var runs, values strings.Builder
	for i := range 1 << 16 {
		fmt.Fprintf(&runs, "EXAMPLE-%040d ", i)
		fmt.Fprintf(&values, `{"value":"%d","x":"%040x"}`, i, i)
	}
	for name, body := range map[string]string{
		"long runs":    apiError("1", runs.String()),
		"short values": `{"success":true,"errors":[` + values.String(),
	} {
		start := time.Now()
		_, err := newClient(t, respond(http.StatusBadRequest, body)).Create(t.Context(), tokenCreate())
		checkError(t, name+": Create()", err, nil, "")
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: Create() took %v, want at most 20s", name, took)
		}
	}
}

// TestValue_NotInErrorTexts checks that a value is not in an error text, however a response
// contains it.
func TestValue_NotInErrorTexts(t *testing.T) {
	t.Parallel()
	const value = tokenValue
	quoted := strings.ReplaceAll(success(`{"value":"`+value+`"}`), `"`, "&quot;")
	for _, body := range []string{
		`{"success":false,"errors":[{"code":1,"message":"created ` + value + `"}],"result":null}`,
		`{"success":false,"errors":["` + value + `"]}`,
		`{"success":false,"errors":[{"code":1,"message":"m","source":{"pointer":"/` + value + `"}}]}`,
		`{"success":false,"errors":[{"code":1,"message":"m","documentation_url":"https://x/` + value + `"}],"result":{"value":"` + value + `"}}`,
		`{"success":false,"errors":[],"messages":["` + value + `"]}`,
		quoted, "<html>" + quoted, quoted[:len(quoted)-20],
		success(`{"value":"` + value)[:80],
		"<token><value>" + value + "</value></token>",
		"success: true\nresult:\n  value: " + value,
		"success=true&value=" + value,
		"value is " + value, value,
	} {
		for _, status := range []int{200, 302, 400, 403, 429, 500, 502} {
			for _, operation := range []string{"createToken", "rollToken"} {
				err := everyCall[operation](t, newClient(t, respond(status, body, "Cf-Ray", value, "Location", "https://"+value)))
				call := fmt.Sprintf("%s, status %d, body %s:", operation, status, body)
				checkError(t, call, err, nil, "")
				checkNoLeak(t, call, err, value)
				var apiErr *cftokens.APIError
				if errors.As(err, &apiErr) && strings.Contains(fmt.Sprintf("%+v", *apiErr), value) {
					t.Errorf("%s error = %+v, want it without the value", call, *apiErr)
				}
			}
		}
	}
}

// TestValue_NotArrived checks that the outcome is unknown if the value did not arrive.
func TestValue_NotArrived(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ operation, body string }{
		"value of another type":    {"createToken", success(`{"id":"` + tokenID + `","value":7}`)},
		"empty value":              {"createToken", success(`{"id":"` + tokenID + `","value":""}`)},
		"value outside the result": {"createToken", `{"success":true,"value":"` + leak + `","result":{"id":"` + tokenID + `","a":{"value":"` + leak + `"}}}`},
		"truncated in the value":   {"createToken", `{"success":true,"result":{"id":"` + tokenID + `","value":"` + leak},
		"result is a list":         {"createToken", success(`[{"value":"` + leak + `"}]`)},
		"empty rolled value":       {"rollToken", success(`""`)},
		"truncated rolled value":   {"rollToken", `{"success":true,"result":"` + leak},
		"value is an object":       {"rollToken", success(`{"value":"` + leak + `"}`)},
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
			if got {
				t.Errorf("%s returned a value, want none", tt.operation)
			}
			_ = asError[*cftokens.DecodeError](t, tt.operation, err)
			checkUnknown(t, tt.operation, err, true)
			checkNoLeak(t, tt.operation, err, leak)
		})
	}
}

// TestValue_OddResultInfo checks that Create and Roll ignore result_info.
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

// TestCreate_ValueInErrorResponse checks that a value in an error response is returned, and
// that no second token is created.
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
			created, err := newClient(t, api, cftokens.WithRetryPolicy(retries(2))).Create(t.Context(), tokenCreate())
			checkCreated(t, "Create()", created)
			checkError(t, "Create()", err, nil, "")
			checkUnknown(t, "Create()", err, false)
			api.checkRequests(t, "Create()", 1)
		})
	}
}
