package examples_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

const account = "00112233445566778899aabbccddeeff"

func allow(r resource.Resource, groups ...string) cftokens.Policy {
	p := cftokens.Policy{Effect: cftokens.EffectAllow, Resources: resource.Of(r)}
	for _, id := range groups {
		p.PermissionGroups = append(p.PermissionGroups, cftokens.PermissionGroupRef{ID: id})
	}
	return p
}

func TestIssue(t *testing.T) {
	t.Parallel()
	server := start(t)
	const dnsWrite, zoneRead, scriptsRead = "4755a26eedb94da69e1066d98aa820be", "c8fed203ed3043cba015a93ad1616f1f", "1a71c399035b4950a1bd1466bbe4f420"
	const worker, tag = "00000000000000000000000000000002", "9b0e1d2c3f4a45b6a7c8d9e0f1a2b3c4"
	ownAccount := []string{"-account", server.AccountID}
	for _, tt := range []struct {
		args []string
		want []cftokens.Policy
	}{
		{
			[]string{"-zone", zone, "-group", "zone:DNS Write", "-group", "zone:Zone Read", "-on-account", account, "-group", "account:Workers Scripts Read"},
			[]cftokens.Policy{allow(resource.Zone(zone), dnsWrite, zoneRead), allow(resource.Account(account), scriptsRead)},
		},
		{append(ownAccount, "-group", "account:Workers Scripts Read"), []cftokens.Policy{allow(resource.Account(server.AccountID), scriptsRead)}},
		{[]string{"CLOUDFLARE_ACCOUNT_ID=" + server.AccountID, "-on-account", server.AccountID, "-group", "account:Workers Scripts Read"}, []cftokens.Policy{allow(resource.Account(server.AccountID), scriptsRead)}},
		{append(ownAccount, "-zone", zone, "-group", "zone:Zone Read"), []cftokens.Policy{allow(resource.Zone(zone), zoneRead)}},
		{append(ownAccount, "-worker", tag, "-group", "worker:Individual Workers Editor"), []cftokens.Policy{allow(resource.Worker(server.AccountID, tag), worker)}},
	} {
		code, stdout, stderr := run(t, server, "issue", append(tt.args, "-name", "ci", "-ip", "192.0.2.0/24", "-ip", "2001:db8::1", "-expires", "1d")...)
		tokens, kind := server.Tokens(), "user"
		if strings.Contains(strings.Join(tt.args, " "), server.AccountID) {
			tokens, kind = server.AccountTokens(), "account"
		}
		token := tokens[len(tokens)-1]
		if want := value(server, token.ID) + "\n"; code != 0 || stdout != want {
			t.Errorf("issue %q: exit code = %d, standard output = %q, want 0 and only the value", tt.args, code, stdout)
		}
		if want := kind + " token " + token.ID + " (ci) is active\n"; stderr != want {
			t.Errorf("issue %q: standard error = %q, want %q", tt.args, stderr, want)
		}
		if !cftokens.SamePolicies(tt.want, token.Policies) {
			t.Errorf("issue %q: policies (-want +got):\n%s", tt.args, cmp.Diff(tt.want, token.Policies))
		}
		if in := token.Condition.RequestIP.In; !slices.Equal(in, []string{"192.0.2.0/24", "2001:db8::1"}) || token.Name != "ci" {
			t.Errorf("issue %q: token %q with addresses %q, want those of the flags", tt.args, token.Name, in)
		}
		if left := time.Until(*token.ExpiresOn); left < 23*time.Hour || left > 24*time.Hour {
			t.Errorf("issue %q: the token expires in %v, want 24h", tt.args, left)
		}
	}
}

func TestIssue_JSON(t *testing.T) {
	t.Parallel()
	for owner, args := range map[string][]string{
		`null,"status":"active","expires_on":null`:                                nil,
		`"` + account + `","status":"active","expires_on":"....-..-..T..:..:..Z"`: {"-account", account, "-expires", "30d"},
	} {
		server := cftokenstest.NewServer(cftokenstest.WithAccountID(account))
		t.Cleanup(server.Close)
		_, stdout, _ := run(t, server, "issue", append(args, "-json", "-name", "ci", "-zone", zone, "-group", "zone:Zone Read")...)
		token := append(server.Tokens(), server.AccountTokens()...)[0]
		mustMatch(t, "standard output", `{"id":"`+token.ID+`","name":"ci","account_id":`+owner+`,"value":"`+value(server, token.ID)+`"}`+"\n", stdout)
	}
}

// TestIssue_Undecodable checks that no token is left if a create fails although its value
// arrived, even if its ID did not.
func TestIssue_Undecodable(t *testing.T) {
	t.Parallel()
	server := start(t)
	for _, withID := range []bool{true, false} {
		id := put(t, server, `{"name":"created"}`)
		result := `"value":"` + value(server, id) + `","name":1`
		if withID {
			result += `,"id":"` + id + `"`
		}
		server.Inject(cftokenstest.Fault{Operation: "createToken", Body: `{"success":true,"errors":[],"messages":[],"result":{` + result + `}}`})
		code, stdout, stderr := run(t, server, "issue", issueArgs...)
		mustMatch(t, "standard error", `issue: user token `+id+` \(n\) was created and deleted again: cftokens: createToken: .*`+"\n", stderr)
		if code != 1 || stdout != "" || len(server.Tokens()) != 0 {
			t.Errorf("exit code = %d, standard output = %q, %d tokens are left; want 1, none and none", code, stdout, len(server.Tokens()))
		}
	}
}

// TestIssue_Faults checks that a value that does not work yet is printed too, and that the
// name of a token that may exist is told.
func TestIssue_Faults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault  cftokenstest.Fault
		stderr string // a regular expression
	}{
		{cftokenstest.Fault{Operation: "verifyToken", Status: 400}, `the value of user token [0-9a-f]{32} \(n\) was printed, but is not known to work yet: cftokens: verifyToken: .*`},
		{cftokenstest.Fault{Operation: "createToken", DropAfter: true}, `user token "n" may have been created: cftokens: createToken: .*find it by name and delete it.*`},
	} {
		server := start(t)
		server.Inject(tt.fault)
		code, stdout, stderr := run(t, server, "issue", issueArgs...)
		printed := value(server, server.Tokens()[0].ID) + "\n"
		mustMatch(t, "standard error", "issue: "+tt.stderr+"\n", stderr)
		if code != 1 || (stdout == printed) != (tt.fault.Operation == "verifyToken") {
			t.Errorf("exit code = %d, standard output = %q, want 1, and the value if it is known", code, stdout)
		}
	}
}

// TestIssue_Signals checks that a signal leaves no token whose value was not printed.
func TestIssue_Signals(t *testing.T) {
	t.Parallel()
	for name, sig := range signals {
		for operation, want := range map[string]string{
			"createToken": `user token [0-9a-f]{32} \(n\) was created and deleted again: interrupted by ` + name,
			"verifyToken": `the value of user token [0-9a-f]{32} \(n\) was printed, but is not known to work yet: cftokens: verifyToken: .*interrupted by ` + name + ".*",
		} {
			t.Run(operation+" "+name, func(t *testing.T) {
				t.Parallel()
				server := start(t)
				server.Inject(cftokenstest.Fault{Operation: operation, Delay: 300 * time.Millisecond})
				p := command(t, server, "issue", issueArgs...)
				code := p.interrupt(requested(server, operation), sig)
				mustMatch(t, "standard error", "issue: "+want+"\n", p.stderr.String())
				printed := ""
				if tokens := server.Tokens(); len(tokens) > 0 {
					printed = value(server, tokens[0].ID) + "\n"
				}
				if code != 130 || p.stdout.String() != printed {
					t.Errorf("exit code = %d, standard output = %q, want 130 and the value of every token: %q", code, &p.stdout, printed)
				}
			})
		}
	}
}
