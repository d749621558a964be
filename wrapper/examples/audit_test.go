package examples_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func daysAgo(n int) string { return time.Now().AddDate(0, 0, -n).UTC().Format(time.RFC3339) }

// auditable returns a token in which nothing is found, apart from what more says.
func auditable(name, more string) string {
	token := map[string]any{
		"name": name, "issued_on": daysAgo(900), "last_used_on": daysAgo(1), "expires_on": daysAgo(-300),
		"condition": map[string]any{"request_ip": map[string]any{"in": []string{"192.0.2.0/24"}}},
	}
	if err := json.Unmarshal([]byte(more), &token); err != nil {
		panic(err)
	}
	text, err := json.Marshal(token)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func addresses(condition string) string { return `{"condition":{"request_ip":` + condition + `}}` }

func allows(group string) string {
	return `{"policies":[{"effect":"allow","permission_groups":[{"id":"` + group + `"}],"resources":{"com.cloudflare.api.user.*":"*"}}]}`
}

// startAudit starts a fake with account tokens, which the credential is not among, and
// returns the arguments that audit them.
func startAudit(t *testing.T, tokens ...string) (server *cftokenstest.Server, args []string) {
	t.Helper()
	server = start(t)
	for _, token := range tokens {
		if _, err := server.PutAccountToken([]byte(token)); err != nil {
			t.Fatal(err)
		}
	}
	return server, []string{"CLOUDFLARE_ACCOUNT_ID=" + server.AccountID}
}

func TestAudit_Reasons(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, more, reason, text string }{
		{"fine", `{}`, "", ""},
		{"manages user tokens", allows("686d18d5ac6c441c867cbf6771e58a0a"), "manages-tokens", "manages tokens"},
		{"manages account tokens", allows("5bc3f8b21c554832afc660159ab75fa4"), "manages-tokens", "manages tokens"},
		{"reads tokens", allows("0cc3a61731504c89b99ec1be78b77aa0"), "", ""},
		{"is denied to manage tokens", strings.Replace(allows("686d18d5ac6c441c867cbf6771e58a0a"), "allow", "deny", 1), "", ""},
		{"never expires", `{"expires_on":null}`, "never-expires", "never expires"},
		{"expires soon", `{"expires_on":"` + daysAgo(-29) + `"}`, "expires-soon", "expires " + daysAgo(-29)[:10]},
		{"expires later", `{"expires_on":"` + daysAgo(-31) + `"}`, "", ""},
		{"unused", `{"last_used_on":"` + daysAgo(91) + `"}`, "unused", "unused since " + daysAgo(91)[:10]},
		{"never used", `{"last_used_on":null}`, "unused", "never used"},
		{"new", `{"last_used_on":null,"issued_on":"` + daysAgo(89) + `"}`, "", ""},
		{"disabled", `{"status":"disabled","expires_on":null}`, "", ""},
		{"expired", `{"expires_on":"` + daysAgo(1) + `"}`, "", ""},
		{"no condition", `{"condition":null}`, "open", "open to every address"},
		{"every IPv4 address", addresses(`{"in":["10.1.0.0/16","0.0.0.0/0"]}`), "open", "open to every IPv4 address"},
		{"every IPv6 address", addresses(`{"in":["::/0"]}`), "open", "open to every IPv6 address"},
		{"both", addresses(`{"in":["::/0","0.0.0.0/0"]}`), "open", "open to every address"},
		{"two halves", addresses(`{"in":["0.0.0.0/1","128.0.0.0/1"]}`), "open", "open to every IPv4 address"},
		{"half and two quarters", addresses(`{"in":["8000::/1","::/2","4000::/2"]}`), "open", "open to every IPv6 address"},
		{"one half", addresses(`{"in":["0.0.0.0/1","2001:db8::1"]}`), "", ""},
		{"allows nobody", addresses(`{"in":[]}`), "", ""},
		{"excludes some", addresses(`{"not_in":["192.0.2.0/24"]}`), "open", "open to every address"},
		{"excludes IPv6", addresses(`{"not_in":["::/0"]}`), "open", "open to every IPv4 address"},
		{"excludes everybody", addresses(`{"not_in":["::/0","0.0.0.0/0"]}`), "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, args := startAudit(t, auditable("token", tt.more))
			code, stdout, _ := run(t, server, "audit", append(args, "-json")...)
			want := "[]\n"
			if tt.reason != "" {
				want = `.*"reasons":\["` + tt.reason + `"\]}]` + "\n"
			}
			if mustMatch(t, "audit -json", strings.ReplaceAll(want, "[]", `\[\]`), stdout); (code == 3) != (tt.reason != "") {
				t.Errorf("exit code = %d, want 3 if and only if something is found", code)
			}
			if _, stdout, _ = run(t, server, "audit", args...); tt.reason != "" && !strings.Contains(stdout, "  "+tt.text+"\n") {
				t.Errorf("audit printed %q, want %q", stdout, tt.text)
			}
			if tt.reason == "" {
				return
			}
			if code, stdout, _ := run(t, server, "audit", append(args, "-json", "-skip", tt.reason)...); code != 0 || stdout != "[]\n" {
				t.Errorf("audit -skip %s: exit code = %d, standard output = %q, want 0 and an empty list", tt.reason, code, stdout)
			}
		})
	}
}

func TestAudit_Durations(t *testing.T) {
	t.Parallel()
	server, args := startAudit(t, auditable("token", `{"last_used_on":"`+daysAgo(10)+`","expires_on":"`+daysAgo(-100)+`"}`))
	_, stdout, _ := run(t, server, "audit", append(args, "-json", "-unused", "9d", "-expiring", "2410h")...)
	mustMatch(t, "standard output", `\[{"id":"[0-9a-f]{32}","name":"token","last_used_on":"`+daysAgo(10)[:10]+`T.*Z","expires_on":"`+
		daysAgo(-100)[:10]+`T.*Z","reasons":\["expires-soon","unused"\]}\]`+"\n", stdout)
}

// TestAudit_Table checks that no line has more than 100 columns.
func TestAudit_Table(t *testing.T) {
	t.Parallel()
	const id = `"id":"ed17574386854bf78a67040be0a770b`
	policies := strings.TrimSuffix(strings.TrimPrefix(allows("686d18d5ac6c441c867cbf6771e58a0a"), "{"), "}")
	server, args := startAudit(t,
		auditable("ci", `{`+id+`1","expires_on":null}`),
		auditable(strings.Repeat("äbcdefghij", 8), `{`+id+`2","expires_on":null,"last_used_on":null,"condition":null,`+policies+`}`),
		auditable("fine", "{}"))
	code, stdout, stderr := run(t, server, "audit", args...)
	if code != 3 || stderr != "" {
		t.Errorf("exit code = %d, standard error = %q, want 3 and none", code, stderr)
	}
	want := `ID                                NAME                          REASONS
ed17574386854bf78a67040be0a770b1  ci                            never expires
ed17574386854bf78a67040be0a770b2  äbcdefghijäbcdefghijäbcdefg…  manages tokens, never expires,
                                                                never used, open to every address
2 of 3 active account tokens to review; disabled and expired tokens are left out
`
	if diff := cmp.Diff(want, stdout); diff != "" {
		t.Errorf("audit printed (-want +got):\n%s", diff)
	}
	for line := range strings.Lines(stdout) {
		if n := utf8.RuneCountInString(line) - 1; n > 100 {
			t.Errorf("a line has %d columns, want at most 100: %s", n, line)
		}
	}
}

// TestAudit_Account checks that -account and CLOUDFLARE_ACCOUNT_ID set the account, and
// that nothing found says so.
func TestAudit_Account(t *testing.T) {
	t.Parallel()
	server, args := startAudit(t, auditable("fine", "{}"))
	const user = "(?s)ID .*\n1 of 1 active user tokens to review; disabled and expired tokens are left out\n"
	const account = "0 of 1 active account tokens to review; disabled and expired tokens are left out\n"
	for _, tt := range []struct {
		code int
		args []string
		want string
	}{
		{3, nil, user}, // the credential
		{0, []string{"-account", server.AccountID}, account},
		{0, args, account},
		{3, append(args, "-account", ""), user},
	} {
		code, stdout, _ := run(t, server, "audit", tt.args...)
		mustMatch(t, fmt.Sprintf("audit %q", tt.args), tt.want, stdout)
		if code != tt.code {
			t.Errorf("audit %q: exit code = %d, want %d", tt.args, code, tt.code)
		}
	}
}
