package cftokens

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits on how much of a body is read.
const (
	maxBody      = 16 << 20
	maxErrorBody = 64 << 10
)

var errTooLong = errors.New("body is longer than 16 MiB")

// response is an HTTP response whose body has been read, up to a limit.
type response struct {
	attempt *attempt
	http    *http.Response // its body is closed
	body    []byte
	readErr error   // why body is incomplete
	private bool    // the body may contain the value of a token, so errors have no excerpt of it
	proof   bool    // the response proves that the API did not carry out the request
	secrets secrets // what must not appear in errors; nil until it is needed
}

// response reads the body of resp, up to a limit, and closes it. private reports whether the
// body may contain the value of a token, which must not be lost, whatever the status.
func (a *attempt) response(resp *http.Response, private bool) *response {
	r := &response{attempt: a, http: resp, private: private}
	defer func() { _ = resp.Body.Close() }()
	if r.http.StatusCode == http.StatusSwitchingProtocols {
		return r // the body is the connection, which no context or timeout ends
	}
	limit := int64(maxErrorBody)
	if r.success() || private {
		limit = maxBody
	}
	length := min(max(resp.ContentLength, 0), 1<<20) // a wrong one must not cost much memory
	body := bytes.NewBuffer(make([]byte, 0, length+bytes.MinRead))
	_, r.readErr = body.ReadFrom(io.LimitReader(resp.Body, limit+1))
	r.body = body.Bytes()
	if int64(len(r.body)) > limit {
		r.body, r.readErr = r.body[:limit], errTooLong
	}
	r.body = bytes.TrimPrefix(r.body, []byte("\ufeff")) // a byte order mark
	return r
}

func (r *response) success() bool { return r.http.StatusCode >= 200 && r.http.StatusCode <= 299 }

func (r *response) redirect() bool { return r.http.StatusCode >= 300 && r.http.StatusCode <= 399 }

func (r *response) rayID() string { return r.sanitize(r.http.Header.Get("Cf-Ray")) }

// envelope is the JSON object that the API wraps every result in. Its errors and
// messages are left out: they mean nothing on success, and vary in form.
type envelope[T any] struct {
	Success    *bool       `json:"success"`
	Result     *T          `json:"result"`
	ResultInfo lenientInfo `json:"result_info"`

	header http.Header // of the response
	guess  bool        // the result is a value that was recognized by its form
}

// lenientInfo is a ResultInfo whose members are decoded one by one, whatever their form,
// such as 45.0 or "45". Malformed ones are zero, so that the page can be read.
type lenientInfo struct{ ResultInfo }

func (t *lenientInfo) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(data, &members)
	for name, text := range members {
		members[name] = strconv.AppendInt(nil, int64(wholeNumber(text)), 10)
	}
	integers, _ := json.Marshal(members)
	return json.Unmarshal(integers, &t.ResultInfo)
}

// wholeNumber returns a whole number, which may be in a string, or 0.
func wholeNumber(raw json.RawMessage) int {
	n, err := strconv.ParseFloat(strings.Trim(string(raw), `" `), 64)
	if err != nil || n != math.Trunc(n) || math.Abs(n) > math.MaxInt32 {
		return 0
	}
	return int(n)
}

// expected says what a call expects of a result.
type expected[T any] struct {
	// check reports whether a result, which is not nil, is usable; problem says why it is not.
	// If check is nil, any result is accepted, and none.
	check   func(*T) bool
	problem string

	// found returns the result with the ID and the value of a token alone, which were found in
	// a body that cannot be decoded. It is nil if the result has no value.
	found func(CreatedToken) *T
}

// decode returns the envelope of r. The error is an *APIError or a *DecodeError. It is
// returned along with an envelope if r nevertheless contains the value of a token.
func decode[T any](r *response, want expected[T]) (*envelope[T], error) {
	env := new(envelope[T])
	problem := r.readErr
	if problem == nil && r.success() {
		err := json.Unmarshal(r.body, env)
		switch {
		case err != nil:
			problem = r.jsonError(err)
		case env.Success == nil:
			problem = errors.New(`response has no "success" field`)
		case !*env.Success:
		case want.check == nil || env.Result != nil && want.check(env.Result):
			env.header = r.http.Header
			return env, nil
		case env.Result == nil:
			problem = errors.New("response has no result")
		default:
			problem = errors.New(want.problem)
		}
	}
	found := new(envelope[T])
	r.secrets = r.sentSecrets()
	if want.found != nil {
		t, guess := findValue(r.body, r.success(), r.attempt.op.Method == http.MethodPut)
		isEcho := slices.ContainsFunc(r.secrets, t.Value.Equal) // of a credential in the request
		if !t.Value.IsZero() && !isEcho {
			found.Result, found.guess = want.found(t), guess
		}
		r.secrets = append(r.secrets, t.Value)
	}
	failure := newFailure(r.body)
	r.proof = failure.isProof(r.http.StatusCode)
	var err error
	if r.success() && problem != nil && failure.Success != false {
		switch {
		case found.guess:
			problem = fmt.Errorf("%w; it contains what may be the value of the token", problem)
		case found.Result != nil:
			problem = fmt.Errorf("%w; the value of the token was received", problem)
		}
		cause := &hiddenError{r.sanitize(problem.Error()), problem}
		err = &DecodeError{Operation: r.attempt.op.ID, StatusCode: r.http.StatusCode, RayID: r.rayID(), Err: cause}
	} else {
		err = r.apiError(failure)
	}
	if found.Result == nil {
		return nil, err
	}
	return found, err
}

// jsonError describes an error of encoding/json without values.
func (r *response) jsonError(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		if kind := r.http.Header.Get("Content-Type"); kind != "" && !strings.Contains(kind, "json") {
			return fmt.Errorf("body is %s, not JSON", r.sanitize(kind))
		}
		return fmt.Errorf("body is not valid JSON, at byte %d", syntax.Offset)
	}
	if _, ok := errors.AsType[*time.ParseError](err); ok {
		return errors.New("unexpected JSON: a time is not in the format of RFC 3339")
	}
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		name, _, _ := strings.Cut(mismatch.Type.Name(), "[") // of type arguments
		return fmt.Errorf("unexpected JSON: %.20s for %s", mismatch.Value, cmp.Or(name, mismatch.Type.Kind().String()))
	}
	return errors.New("unexpected JSON")
}
