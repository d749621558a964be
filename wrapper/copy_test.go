package cftokens_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

const copyID = "2f0e2d3c4b5a69788796a5b4c3d2e1f0"

// copyServer responds to the requests of Replace.
type copyServer struct {
	old      string // properties of the old token
	response string // properties of the token in the create response
	read     string // properties of the new token as read back; if empty, the same
	verified string // ID of the token that the new value belongs to; if empty, copyID

	deleted []string // IDs
}

func (s *copyServer) RoundTrip(req *http.Request) (*http.Response, error) {
	token := func(id, properties string) string { return `{"id":"` + id + `",` + properties + `}` }
	path := strings.TrimPrefix(req.URL.Path, "/client/v4/user/tokens")
	var result string
	switch {
	case path == "/verify" && s.verified != "":
		result = token(s.verified, `"status":"active"`)
	case path == "/verify":
		result = token(copyID, `"status":"active"`)
	case req.Method == http.MethodPost:
		result = token(copyID, s.response+`,"value":"`+tokenValue+`"`) // the last of two IDs counts
	case req.Method == http.MethodDelete:
		s.deleted = append(s.deleted, path[1:])
		result = token(path[1:], `"name":"n"`)
	case path == "/"+tokenID:
		result = token(tokenID, s.old)
	case path == "":
		result = "[" + token(copyID, s.old) + "]"
	case s.read == "":
		result = token(copyID, s.response)
	default:
		result = token(copyID, s.read)
	}
	resp := response(http.StatusOK, success(result))
	resp.Request = req
	return resp, nil
}

// TestReplace_Difference checks that the old token is deleted only if the copy is what was
// asked for.
func TestReplace_Difference(t *testing.T) {
	t.Parallel()
	const (
		zone2    = "com.cloudflare.api.account.zone.00112233445566778899aabbccddeeff"
		policy   = `{"effect":"allow","permission_groups":[{"id":"g1","name":"DNS Write"},{"id":"g2","name":"Zone Read"}],"resources":{"` + zoneName + `":"*","` + zone2 + `":"*"}}`
		deny     = `{"effect":"deny","permission_groups":[{"id":"g3"}],"resources":{"` + zoneName + `":"*"}}`
		policies = `"name":"n","status":"active","policies":[` + policy + `,` + deny + `]`
		address  = `,"condition":{"request_ip":{"in":["192.0.2.1","198.51.100.0/24"],"not_in":["198.51.100.7/32"]}}`
		times    = `,"not_before":"1999-01-01T00:00:00Z","expires_on":"2030-01-01T00:00:00Z"`
		whole    = policies + address + times
	)
	with := func(old, with string) string { return strings.Replace(whole, old, with, 1) }
	for _, tt := range []struct {
		name, old, response, read string
		want                      string // in the error; if empty, the copy is used
	}{
		{name: "the same", response: whole},
		{name: "other order and notation", response: `"policies":[` + deny + `,` + policy + `],"condition":{"request_ip":{"not_in":["198.51.100.7"],"in":["198.51.100.9/24","192.0.2.1/32"]}},"not_before":null,"expires_on":"2030-01-01T01:00:00+01:00"`},
		{name: "incomplete response", response: `"name":"n"`, read: whole},
		{name: "null condition", old: policies, response: policies + `,"condition":null,"expires_on":null`},
		{name: "no policies", response: with(policy+`,`+deny, ""), want: "policies: it lacks the permission groups g1 DNS Write, g2 Zone Read, g3"},
		{name: "a group less", response: with(`,{"id":"g2","name":"Zone Read"}`, ""), want: "policies: it lacks the permission groups g2 Zone Read"},
		{name: "a policy less", response: with(`,`+deny, ""), want: "policies: it lacks the permission groups g3"},
		{name: "a resource less", response: with(`,"`+zone2+`":"*"`, ""), want: "policies"},
		{name: "a group more", response: with(`{"id":"g3"}`, `{"id":"g3"},{"id":"g4"}`), want: "policies"},
		{name: "no condition", response: with(address, ""), want: "condition"},
		{name: "wider condition", response: with("192.0.2.1", "192.0.2.0/24"), want: "condition"},
		{name: "no address", old: policies, response: policies + `,"condition":{"request_ip":{"in":[]}}`, want: "condition"},
		{name: "unknown condition in the response", response: with(`"not_in"`, `"through":"vpn","not_in"`), want: `condition: json: unknown field "through"`},
		{name: "unknown condition", response: `"name":"n"`, read: with(`"not_in"`, `"through":"vpn","not_in"`), want: `condition: json: unknown field "through"`},
		{name: "no expiry", response: with(`,"expires_on":"2030-01-01T00:00:00Z"`, ""), want: "expires_on"},
		{name: "another expiry", response: with("2030", "2031"), want: "expires_on"},
		{name: "not valid yet", response: with("1999", "2001"), want: "not_before"},
		{name: "unknown property, copied", old: whole + `,"limit":{"a":[1]}`, response: whole + `,"limit":{"a":[1]}`},
		{name: "unknown property, copied, not in the response", old: whole + `,"limit":1`, response: whole, read: whole + `,"limit":1`},
		{name: "unknown property, null", old: whole + `,"limit":null`, response: whole},
		{name: "unknown property, lost", old: whole + `,"limit":1`, response: whole, want: "limit"},
		{name: "unknown property, a long number, changed", old: whole + `,"limit":9007199254740993`, response: whole + `,"limit":9007199254740992`, want: "limit"},
		{name: "unknown property, changed", old: whole + `,"limit":1`, response: whole + `,"limit":2`, want: "limit"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the clock is at midnight of 2000-01-01
				if tt.old == "" {
					tt.old = whole
				}
				s := &copyServer{old: tt.old, response: tt.response, read: tt.read}
				used := false
				created, err := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: s})).Replace(t.Context(), tokenID, nil,
					func(context.Context, *cftokens.CreatedToken) error {
						used = true
						return nil
					})
				want := []string{tokenID}
				if tt.want != "" {
					want = []string{copyID}
					checkError(t, "Replace()", err, cftokens.ErrLossyUpdate, "the copy differs in "+tt.want+"; old token "+tokenID+" stays; new token "+copyID+" was deleted")
					if got := asError[*cftokens.ReplaceError](t, "Replace()", err); got.NewID != "" {
						t.Errorf("Replace() error has the new ID %s, want none, because it was deleted", got.NewID)
					}
				} else if err != nil || created.ID != copyID {
					t.Errorf("Replace() = %v, %v; want the copy", created, err)
				}
				if used != (tt.want == "") {
					t.Errorf("use was called: %v, want %v", used, !used)
				}
				if !slices.Equal(s.deleted, want) {
					t.Errorf("Replace() deleted %v, want %v", s.deleted, want)
				}
			})
		})
	}
}

// TestReplace_OtherID checks that nothing is deleted if the new value is not that of the
// token in the response.
func TestReplace_OtherID(t *testing.T) {
	t.Parallel()
	const token = `"name":"n","status":"active","policies":[` + policyJSON + `]`
	for name, s := range map[string]*copyServer{
		"ID of the old token":                      {response: `"id":"` + tokenID + `",` + token, verified: tokenID},
		"ID of the old token, in upper case":       {response: `"id":"` + strings.ToUpper(tokenID) + `",` + token, verified: strings.ToUpper(tokenID)},
		"value of the old token":                   {response: token, verified: tokenID},
		"value of another token":                   {response: token, verified: "3f0e2d3c4b5a69788796a5b4c3d2e1f0"},
		"response without an ID, value of the old": {response: `"id":"",` + token, verified: tokenID},
	} {
		s.old = token
		created, err := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: s})).Replace(t.Context(), tokenID, nil, accept)
		if created != nil {
			t.Errorf("%s: Replace() = %v, want nil", name, created)
		}
		checkError(t, name+": Replace()", err, cftokens.ErrOutcomeUnknown, "old token "+tokenID+" stays")
		if got := asError[*cftokens.ReplaceError](t, name+": Replace()", err); got.NewID != "" || got.OldID != tokenID {
			t.Errorf("%s: Replace() error = %+v, want no new ID", name, got)
		}
		if len(s.deleted) > 0 {
			t.Errorf("%s: Replace() deleted %v, want nothing", name, s.deleted)
		}
	}
	s := &copyServer{old: token, response: `"id":"` + tokenID + `",` + token}
	if created, err := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: s})).Replace(t.Context(), tokenID, nil, accept); err != nil || created.ID != copyID {
		t.Errorf("ID of the old token, value of the copy: Replace() = %v, %v; want the copy", created, err)
	}
}

// TestReplace_Echo checks that a gateway that echoes the credential does not make Replace
// delete the client's own token.
func TestReplace_Echo(t *testing.T) {
	t.Parallel()
	s := &copyServer{old: `"name":"n","status":"active","policies":[` + policyJSON + `]`}
	for _, body := range []string{
		`{"success":true,"errors":[],"messages":["request had authorization: Bearer ` + credential + `"],"result":null}`,
		`{"error":"denied","scheme":"Bearer","value":"` + credential + `"}`,
		`{"success":true,"errors":[],"result":{"value":"` + tokenValue + `"}} of another token`,
	} {
		gateway := roundTripper(func(req *http.Request) (*http.Response, error) {
			if req.Method == http.MethodPost {
				resp := response(http.StatusOK, body)
				resp.Request = req
				return resp, nil
			}
			return s.RoundTrip(req)
		})
		s.read, s.response = `"name":"other","policies":[]`, `"name":"other","policies":[]`
		_, err := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: gateway})).Replace(t.Context(), tokenID, nil, accept)
		checkError(t, "Replace()", err, cftokens.ErrOutcomeUnknown, "old token "+tokenID+" stays")
		if len(s.deleted) > 0 {
			t.Errorf("body %s: Replace() deleted %v, want nothing", body, s.deleted)
		}
	}
}

// TestReplace_Damaged checks that a copy is fetched and compared if the create response could
// not be decoded, even if nothing was asked for.
func TestReplace_Damaged(t *testing.T) {
	t.Parallel()
	s := &copyServer{old: `"name":"n","status":"active","policies":[]`, read: `"policies":[` + policyJSON + `]`}
	gateway := roundTripper(func(req *http.Request) (*http.Response, error) {
		switch {
		case req.Method == http.MethodPost:
			resp := response(http.StatusOK, `{"success":true,"result":{"id":"`+copyID+`","value":"`+tokenValue+`"}`)
			resp.Request = req
			return resp, nil
		case strings.HasSuffix(req.URL.Path, "/tokens"): // candidates cannot be listed
			return nil, errReset
		}
		return s.RoundTrip(req)
	})
	created, err := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: gateway})).Replace(t.Context(), tokenID, nil, accept)
	if created != nil || len(s.deleted) > 0 {
		t.Errorf("Replace() = %v and deleted %v, want neither", created, s.deleted)
	}
	checkError(t, "Replace()", err, cftokens.ErrLossyUpdate, "the copy differs in policies")
	got := asError[*cftokens.ReplaceError](t, "Replace()", err)
	if !slices.Equal(got.Candidates, []string{copyID}) {
		t.Errorf("Replace() error has the candidates %v, want %s", got.Candidates, copyID)
	}
}

// TestReplace_SentTwice checks that a copy is used even if the HTTP client sent the create
// twice, and that the error says so.
func TestReplace_SentTwice(t *testing.T) {
	t.Parallel()
	s := &copyServer{old: `"name":"n","status":"active","policies":[` + policyJSON + `]`, response: `"policies":[` + policyJSON + `]`}
	repeat := roundTripper(func(req *http.Request) (*http.Response, error) {
		sendTwice(req)
		return s.RoundTrip(req)
	})
	created, err := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: repeat})).Replace(t.Context(), tokenID, nil, accept)
	if created == nil || created.ID != copyID {
		t.Errorf("Replace() = %v, want the copy", created)
	}
	checkError(t, "Replace()", err, cftokens.ErrOutcomeUnknown, "new token "+copyID+" is in use; old token "+tokenID+" was deleted")
	if got := asError[*cftokens.ReplaceError](t, "Replace()", err); got.NewID != copyID {
		t.Errorf("Replace() error = %+v, want the new ID %s", got, copyID)
	}
}

// TestReplace_SentTwiceRejected checks that the other copy is not forgotten if the first one
// is rejected.
func TestReplace_SentTwiceRejected(t *testing.T) {
	t.Parallel()
	s := &copyServer{old: `"name":"n","status":"active","policies":[` + policyJSON + `]`, response: `"policies":[]`}
	repeat := roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodPost {
			sendTwice(req)
		}
		return s.RoundTrip(req)
	})
	created, err := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: repeat})).Replace(t.Context(), tokenID, nil, accept)
	if created != nil || !slices.Equal(s.deleted, []string{copyID}) {
		t.Errorf("Replace() = %v and deleted %v, want only the copy to be deleted", created, s.deleted)
	}
	checkError(t, "Replace()", err, cftokens.ErrOutcomeUnknown, "another token named \"n\" may exist")
	checkError(t, "Replace()", err, cftokens.ErrLossyUpdate, "old token "+tokenID+" stays; new token "+copyID+" was deleted")
}

// TestReplace_PanicLeftover checks that a panic names the new token if it cannot be deleted.
func TestReplace_PanicLeftover(t *testing.T) {
	t.Parallel()
	s := &copyServer{old: `"name":"n","status":"active","policies":[` + policyJSON + `]`, response: `"policies":[` + policyJSON + `]`}
	failing := roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodDelete {
			return nil, errReset
		}
		return s.RoundTrip(req)
	})
	client := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: failing}))
	for want, leave := range map[string]func(*cftokens.CreatedToken){
		"cannot store [redacted]": func(created *cftokens.CreatedToken) { panic(errors.New("cannot store " + created.Value.Reveal())) },
		"use did not return":      func(*cftokens.CreatedToken) { runtime.Goexit() },
	} {
		panicked := make(chan any)
		go func() {
			defer func() { panicked <- recover() }()
			_, _ = client.Replace(t.Context(), tokenID, nil, func(_ context.Context, created *cftokens.CreatedToken) error {
				leave(created)
				return nil
			})
		}()
		text, _ := (<-panicked).(string)
		if !strings.Contains(text, want) || !strings.Contains(text, "new token "+copyID+" may still exist, delete it") {
			t.Errorf("Replace() panicked with %q, want %s and the new token", text, want)
		}
	}
}

// TestReplace_Unprintable checks that errors contain no control characters of a server.
func TestReplace_Unprintable(t *testing.T) {
	t.Parallel()
	for _, old := range []string{
		`"name":"n","status":"\u001b[31m` + strings.Repeat("x", 5000) + `","policies":[` + policyJSON + `]`,
		`"name":"n","status":"active","condition":{"\u001b[31m":1},"policies":[` + policyJSON + `]`,
		`"name":"n","status":"active","policies":[` + policyJSON + `],"\u001b[31m":1`,
	} {
		s := &copyServer{old: old, response: `"policies":[` + policyJSON + `]`}
		client := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: s}))
		_, replaceErr := client.Replace(t.Context(), tokenID, nil, accept)
		_, editErr := client.Edit(t.Context(), tokenID, keep)
		checkError(t, "Replace()", replaceErr, nil, "")
		for _, err := range []error{replaceErr, editErr} {
			checkNoLeak(t, "Replace() and Edit():", err, "\x1b")
			if err != nil && len(err.Error()) > 4<<10 {
				t.Errorf("Replace() error has %d bytes, want at most 4 KiB", len(err.Error()))
			}
		}
	}
}
