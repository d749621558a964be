package examples_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

const deploy = `{"id":"` + tokenID + `","name":"deploy","policies":[` + policy + `]}`

// rotation returns a server with a token, and the file that a command stores values in.
func rotation(t *testing.T) (server *cftokenstest.Server, file string) {
	t.Helper()
	return start(t, deploy), filepath.Join(t.TempDir(), "value")
}

func content(file string) string {
	data, _ := os.ReadFile(file)
	return string(data)
}

func TestRotate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		args   []string
		stdout string // a regular expression; NEW is the ID of the new token
	}{
		{"replace", nil, "user token " + tokenID + " \\(deploy\\) was replaced by NEW, which was handed to .*/sh and is active\n"},
		{"replace account token", []string{"-account", account}, "account token " + tokenID + " \\(deploy\\) was replaced by NEW, which was handed to .*/sh and is active\n"},
		{"replace, JSON", []string{"-json"}, `{"id":"NEW","name":"deploy","replaced_id":"` + tokenID + `"}` + "\n"},
		{"in place", []string{"-in-place"}, "user token " + tokenID + " \\(deploy\\) was rolled, handed to .*/sh, and is active\n"},
		{"in place, account token", []string{"CLOUDFLARE_ACCOUNT_ID=" + account, "-in-place"}, "account token " + tokenID + " \\(deploy\\) was rolled, handed to .*/sh, and is active\n"},
		{"in place, JSON", []string{"-in-place", "-json"}, `{"id":"` + tokenID + `","name":"deploy"}` + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := cftokenstest.NewServer(cftokenstest.WithAccountID(account))
			t.Cleanup(server.Close)
			file := filepath.Join(t.TempDir(), "value")
			put, list := server.PutToken, server.Tokens
			if strings.Contains(tt.stdout, "account") {
				put, list = server.PutAccountToken, server.AccountTokens
			}
			if _, err := put([]byte(deploy)); err != nil {
				t.Fatal(err)
			}
			// The first response is lost, so a token is rolled again.
			server.Inject(cftokenstest.Fault{Operation: "rollToken", DropAfter: true})
			old := value(server, tokenID)
			code, stdout, stderr := run(t, server, "rotate", append(tt.args, "-id", tokenID, "--", "sh", "-c", "cat >"+file)...)
			tokens := list()
			if code != 0 || stderr != "" || len(tokens) != 1 || tokens[0].Name != "deploy" {
				t.Fatalf("exit code = %d, standard error = %q, tokens %v; want 0, none, and one", code, stderr, tokens)
			}
			if handed := content(file); handed != value(server, tokens[0].ID) || handed == old {
				t.Errorf("the command got %q, want the new value", handed)
			}
			mustMatch(t, "standard output", strings.Replace(tt.stdout, "NEW", tokens[0].ID, 1), stdout)
		})
	}
}

// TestRotate_CommandFails checks that only the old token is left, unchanged, or that the
// message says that its value is lost.
func TestRotate_CommandFails(t *testing.T) {
	t.Parallel()
	server, _ := rotation(t)
	before := value(server, tokenID)
	_, _, stderr := run(t, server, "rotate", "-id", tokenID, "--", "false")
	mustMatch(t, "standard error", `rotate: cftokens: replacement of token `+tokenID+`: .*/false: exit status 1.*old token `+tokenID+` stays.* new token [0-9a-f]{32} was deleted`+"\n", stderr)
	if len(server.Tokens()) != 1 || value(server, tokenID) != before {
		t.Errorf("%d tokens exist, want only the old one, unchanged", len(server.Tokens()))
	}
	_, _, stderr = run(t, server, "rotate", "-in-place", "-id", tokenID, "--", "false")
	mustMatch(t, "standard error", `rotate: token `+tokenID+` was rolled but not handed over, and its old value no longer works; run again: .*/false: exit status 1`+"\n", stderr)
	server.Inject(cftokenstest.Fault{Operation: "rollToken", DropAfter: true})
	server.Inject(cftokenstest.Fault{Operation: "rollToken", Status: 403})
	_, _, stderr = run(t, server, "rotate", "-in-place", "-id", tokenID, "--", "true")
	mustMatch(t, "standard error", `rotate: token `+tokenID+` may have been rolled, and its old value may no longer work; run again: .*HTTP 403.*`+"\n", stderr)
	server.Inject(cftokenstest.Fault{Operation: "verifyToken", Times: 9, Status: 401})
	code, _, stderr := run(t, server, "rotate", "-in-place", "-id", tokenID, "-patience", "1s", "--", "true")
	mustMatch(t, "standard error", `rotate: token `+tokenID+` was rolled and handed over, but its value is not known to work yet: .*`+"\n", stderr)
	if code != 1 {
		t.Errorf("exit code = %d, want 1", code)
	}
}

// TestRotate_ManagesTokens checks that a token that cannot be replaced can be rolled.
func TestRotate_ManagesTokens(t *testing.T) {
	t.Parallel()
	server := start(t, `{"id":"`+tokenID+`","name":"admin","policies":[{"effect":"allow",`+
		`"permission_groups":[{"id":"686d18d5ac6c441c867cbf6771e58a0a"}],"resources":{"com.cloudflare.api.user.*":"*"}}]}`)
	code, _, stderr := run(t, server, "rotate", rotateArgs...)
	if want := "rotate: nothing was changed: token " + tokenID + " manages tokens, so it cannot be replaced; run again with -in-place\n"; code != 1 || stderr != want {
		t.Errorf("exit code = %d, standard error = %q, want 1 and %q", code, stderr, want)
	}
	if code, _, stderr := run(t, server, "rotate", append([]string{"-in-place"}, rotateArgs...)...); code != 0 {
		t.Errorf("-in-place: exit code = %d, standard error = %q, want 0", code, stderr)
	}
}

// TestRotate_InPlaceValueWithError checks that a value that is returned with an error is
// handed over if and only if it works, because the old one no longer does.
func TestRotate_InPlaceValueWithError(t *testing.T) {
	t.Parallel()
	server, file := rotation(t)
	for _, works := range []bool{true, false} {
		result := strings.Repeat("x", 40)
		if works {
			result = value(server, tokenID)
		}
		server.Inject(cftokenstest.Fault{Operation: "rollToken", Body: `{"success":7,"errors":[],"messages":[],"result":"` + result + `"}`})
		code, _, stderr := run(t, server, "rotate", "-in-place", "-id", tokenID, "-patience", "1s", "--", "sh", "-c", "cat >>"+file)
		if handed := content(file); handed != value(server, tokenID) || works != (code == 0) {
			t.Errorf("works: %v: the command got %q, exit code = %d; want the value that works, once", works, handed, code)
		}
		if !works {
			mustMatch(t, "standard error", `rotate: token `+tokenID+` may have been rolled, and its old value may no longer work; run again: .*rollToken: .*`+"\n", stderr)
		}
	}
}

// TestRotate_Signals sends each signal to the process group, as a terminal does, during each
// step, and checks that the value that was stored last works, and that only its token is
// left.
func TestRotate_Signals(t *testing.T) {
	t.Parallel()
	const interrupted = ".*interrupted by SIG.*"
	for name, sig := range signals {
		for _, tt := range []struct {
			step    string // an operation, or the command
			inPlace bool
			stderr  string
			stored  bool // a new value
		}{
			{"getToken", false, "nothing was changed: " + interrupted, false},
			{"createToken", false, interrupted + "old token " + tokenID + " stays.*", false},
			{"verifyToken", false, interrupted + "old token " + tokenID + " stays; new token [0-9a-f]{32} was deleted", false},
			{"command", false, "(" + interrupted + "|.*sh: signal: .*)old token " + tokenID + " stays; new token [0-9a-f]{32} was deleted", false},
			{"deleteToken", false, "", true},
			{"getToken", true, "nothing was changed: " + interrupted, false},
			{"rollToken", true, "token " + tokenID + " was rolled and handed over, but its value is not known to work yet: " + interrupted, true},
			{"command", true, "token " + tokenID + " was rolled and handed over, but its value is not known to work yet: " + interrupted, true},
			{"verifyToken", true, "token " + tokenID + " was rolled and handed over, but its value is not known to work yet: " + interrupted, true},
		} {
			args := []string{}
			if tt.inPlace {
				args = []string{"-in-place"}
			}
			t.Run(strings.Join(append(args, tt.step, name), " "), func(t *testing.T) {
				t.Parallel()
				server, file := rotation(t)
				if err := os.WriteFile(file, []byte(value(server, tokenID)), 0o600); err != nil {
					t.Fatal(err)
				}
				script := "cat >" + file
				ready := exists(file + ".ready")
				if tt.step == "command" {
					script = "touch " + file + ".ready; sleep 0.3 && " + script
				} else {
					server.Inject(cftokenstest.Fault{Operation: tt.step, Delay: 300 * time.Millisecond})
					ready = requested(server, tt.step)
				}
				p := command(t, server, "rotate", append(args, "-id", tokenID, "--", "sh", "-c", script)...)
				code := p.interrupt(ready, sig)
				tokens := server.Tokens()
				if tt.step == "createToken" && len(tokens) == 2 { // the response was not waited for
					mustMatch(t, "standard error", ".*a new token named \"deploy\" may exist: "+tokens[1].ID+".*\n", p.stderr.String())
					tokens = tokens[:1]
				}
				if len(tokens) != 1 || content(file) != value(server, tokens[0].ID) {
					t.Errorf("%q is stored, tokens %v exist; want the value of the only one", content(file), tokens)
				}
				if stored := tokens[0].ID != tokenID || tt.inPlace && tt.step != "getToken"; stored != tt.stored {
					t.Errorf("a new value was stored: %v, want %v", stored, tt.stored)
				}
				if tt.stderr == "" {
					if code != 0 || p.stdout.Len() == 0 {
						t.Errorf("exit code = %d, standard output = %q, want 0 and what was done", code, &p.stdout)
					}
					return
				}
				mustMatch(t, "standard error", "rotate: "+tt.stderr+"\n", p.stderr.String())
				if code != 130 && !strings.Contains(p.stderr.String(), "sh: signal: ") { // the command's end may be noticed first
					t.Errorf("exit code = %d, want 130", code)
				}
			})
		}
	}
}

// TestRotate_SignalTwice checks that a signal that is sent twice does not lose a value,
// except that a second one from the keyboard ends the program.
func TestRotate_SignalTwice(t *testing.T) {
	t.Parallel()
	for name, sig := range signals {
		server, file := rotation(t)
		server.Inject(cftokenstest.Fault{Operation: "rollToken", Delay: 300 * time.Millisecond})
		p := command(t, server, "rotate", "-in-place", "-id", tokenID, "--", "sh", "-c", "cat >"+file)
		code := p.interrupt(requested(server, "rollToken"), sig, sig)
		if sig == syscall.SIGINT || sig == syscall.SIGQUIT {
			mustMatch(t, "standard error", "rotate: ended by a second signal, "+name+", before it was done\n", p.stderr.String())
		} else if content(file) != value(server, tokenID) {
			t.Errorf("%s: the command got %q, want the new value", name, content(file))
		}
		if code != 130 {
			t.Errorf("%s: exit code = %d, want 130", name, code)
		}
	}
}

// TestRotate_CommandCleansUp checks that a signal gives the command time to clean up.
func TestRotate_CommandCleansUp(t *testing.T) {
	t.Parallel()
	for exit, want := range map[string]int{"1": 130, "0": 0} { // it has succeeded if it exits with 0
		server, file := rotation(t)
		p := command(t, server, "rotate", "-id", tokenID, "--", "sh", "-c",
			"trap 'echo cleaned up >"+file+"; exit "+exit+"' TERM; touch "+file+".ready; while :; do sleep 0.1; done")
		p.alone = true
		code := p.interrupt(exists(file+".ready"), syscall.SIGINT)
		tokens := server.Tokens()
		replaced := len(tokens) == 1 && tokens[0].ID != tokenID
		if code != want || replaced != (want == 0) || content(file) != "cleaned up\n" {
			t.Errorf("exit code = %d, tokens %v exist, the command wrote %q, want %d, and that it cleaned up", code, tokens, content(file), want)
		}
	}
}
