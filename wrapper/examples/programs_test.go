package examples_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

const tokenID = "ed17574386854bf78a67040be0a770b0"

var (
	issueArgs     = []string{"-name", "n", "-user", zone, "-group", "user:Memberships Read"}
	lifecycleArgs = []string{"-live", "-zone", zone}
	rotateArgs    = []string{"-id", tokenID, "--", "cat"}
)

// programs lists, for each program, arguments that make it send a request, and the
// operation of that request.
var programs = []struct {
	name, operation string
	args            []string
}{
	{"audit", "listTokens", nil},
	{"fakeapi", "", nil},
	{"issue", "listPermissionGroups", issueArgs},
	{"lifecycle", "listPermissionGroups", lifecycleArgs},
	{"rotate", "getToken", rotateArgs},
}

// TestPrograms_Errors checks exit codes and messages, which are in the words of the command
// line, and that nothing is created.
func TestPrograms_Errors(t *testing.T) {
	t.Parallel()
	server := start(t)
	with := func(args []string, more ...string) []string { return append(slices.Clip(args), more...) }
	const group = "want scope:name, with the scope zone, account, user or worker"
	const id = "want an ID of 32 hexadecimal digits, not a name"
	type row struct {
		program string
		args    []string
		code    int
		stderr  string // a regular expression
	}
	rows := []row{
		{"audit", []string{"x"}, 2, `unexpected argument "x"`},
		{"audit", []string{"-unused", "9x"}, 2, `invalid value "9x" for flag -unused: want whole days up to 65535d, such as 30d, or .*`},
		{"audit", []string{"-unused", "65536d"}, 2, `invalid value "65536d" for flag -unused: .*`},
		{"audit", []string{"-unused", "0d"}, 2, `invalid value "0d" for flag -unused: .* at least 1s`},
		{"audit", []string{"-skip", "old"}, 2, `invalid value "old" for flag -skip: want one of manages-tokens, .*`},
		{"audit", []string{"CLOUDFLARE_ACCOUNT_ID=example.com"}, 2, `CLOUDFLARE_ACCOUNT_ID "example.com": ` + id},
		{"audit", []string{"CLOUDFLARE_BASE_URL=example.com"}, 1, `CLOUDFLARE_BASE_URL: cftokens: .*`},
		{"fakeapi", []string{"x"}, 2, `unexpected argument "x"`},
		{"fakeapi", []string{"-addr", "127.0.0.1:-1"}, 1, `.*invalid port.*`},
		{"fakeapi", []string{"-account", "example.com"}, 2, `invalid value "example.com" for flag -account: ` + id},
		{"fakeapi", []string{"-fault", "9"}, 2, `.* -fault: want a status from 200 to 599, .*`},
		{"fakeapi", []string{"-fault", "429*x"}, 2, `.* -fault: "x" is not a number of times`},
		{"fakeapi", []string{"-fault", "create:429"}, 2, `-fault: .*unknown operation "create"; want one of createAccountToken, .*`},
		{"issue", []string{"-group", "zone:Zone Read"}, 2, "-name is required"},
		{"issue", []string{"-name", "n"}, 2, "-group is required"},
		{"issue", with(issueArgs, "x"), 2, `unexpected argument "x"`},
		{"issue", with(issueArgs, "-expires", "0d"), 2, `invalid value "0d" for flag -expires: .* at least 1s`},
		{"issue", with(issueArgs, "-expires", "-1h"), 2, `invalid value "-1h" for flag -expires: .* at least 1s`},
		{"issue", with(issueArgs, "-ip", "10.0.0.0/33"), 2, `invalid value "10.0.0.0/33" for flag -ip: want an address or a network, .*`},
		{"issue", with(issueArgs, "-zone", "example.com"), 2, `invalid value "example.com" for flag -zone: ` + id},
		{"issue", with(issueArgs, "-zone", "*"), 2, `invalid value "\*" for flag -zone: ` + id},
		{"issue", with(issueArgs, "-worker", "my-worker"), 2, `invalid value "my-worker" for flag -worker: ` + id},
		{"issue", with(issueArgs, "-group", "Zone Read"), 2, `invalid value "Zone Read" for flag -group: ` + group},
		{"issue", with(issueArgs, "-group", "bucket:x"), 2, `invalid value "bucket:x" for flag -group: ` + group},
		{"issue", with(issueArgs, issueArgs[4:]...), 2, `invalid value "user:Memberships Read" for flag -group: given twice`},
		{"issue", with(issueArgs, "-zone", zone), 2, "-zone has no effect without a group of scope zone"},
		{"issue", with(issueArgs, "-group", "zone:Zone Read"), 2, "groups of scope zone require -zone"},
		{"issue", with(issueArgs, "-group", "account:Workers Scripts Read"), 2, "groups of scope account require -on-account"},
		{"issue", with(issueArgs, "-on-account", zone), 2, "-on-account has no effect without a group of scope account"},
		{"issue", with(issueArgs, "-group", "worker:x", "-worker", zone), 2, "-worker requires -account: only account tokens can be limited to single Workers"},
		{"issue", with(issueArgs, "-zone", zone, "-group", "zone:DNS Rite", "-group", "zone:Memberships Read"), 1, `-group "zone:DNS Rite": not found \(did you mean .*"DNS Write".*\); -group "zone:Memberships Read": not found \(it is in scope \[user\]\)`},
		{"lifecycle", []string{"-live"}, 2, "-live requires -zone, the ID of one of your zones"},
		{"lifecycle", []string{"-zone", zone}, 2, "-zone has no effect without -live"},
		{"lifecycle", []string{"-live", "-zone", "z"}, 2, `invalid value "z" for flag -zone: ` + id},
		{"rotate", []string{"-id", tokenID}, 2, "-id and a command are required"},
		{"rotate", []string{"cat"}, 2, "-id and a command are required"},
		{"rotate", []string{"-id", "deploy", "--", "cat"}, 2, `invalid value "deploy" for flag -id: ` + id},
		{"rotate", []string{"-id", tokenID, "--", "no-such-command"}, 1, `nothing was changed: .*no-such-command.*not found.*`},
		{"rotate", rotateArgs, 1, `nothing was changed: cftokens: getToken: .*HTTP 404.*`},
	}
	for _, p := range programs {
		rows = append(rows, row{p.name, []string{"-nope"}, 2, "flag provided but not defined: -nope"})
		if p.operation != "" {
			rows = append(rows,
				row{p.name, append([]string{"CLOUDFLARE_API_TOKEN="}, p.args...), 1, `cftokens: .*CLOUDFLARE_API_TOKEN.*`},
				row{p.name, append([]string{"-account", "x"}, p.args...), 2, `invalid value "x" for flag -account: ` + id})
		}
	}
	for _, tt := range rows {
		t.Run(tt.program+" "+strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(t, server, tt.program, tt.args...)
			want := tt.program + ": " + tt.stderr
			if tt.code == 2 {
				want += "; see -h"
			}
			mustMatch(t, "standard error", want+"\n", stderr)
			if code != tt.code || stdout != "" {
				t.Errorf("exit code = %d, standard output = %q, want %d and none", code, stdout, tt.code)
			}
			if n := len(server.Tokens()); n != 0 {
				t.Errorf("%d tokens exist, want none", n)
			}
		})
	}
}

func TestPrograms_Help(t *testing.T) {
	t.Parallel()
	for _, program := range programs {
		code, stdout, stderr := run(t, nil, program.name, "-h")
		if code != 0 || stderr != "" {
			t.Errorf("%s -h: exit code = %d, standard error %q; want 0 and none", program.name, code, stderr)
		}
		for _, want := range []string{"Command " + program.name + " ", "\nUsage:\n\n\t" + program.name, "\nExit codes:\n", "\n\t1    failure", "\n\t2    invalid flags\n", " SIGHUP, SIGINT, SIGQUIT or SIGTERM", "\nFlags:\n\n  -"} {
			if !strings.Contains(stdout, want) || strings.Contains(stdout, "\n\tCLOUDFLARE_API_TOKEN ") != (program.operation != "") {
				t.Errorf("%s -h printed no %q:\n%s", program.name, want, stdout)
			}
		}
	}
}

// TestPrograms_Interrupted sends each signal during a request.
func TestPrograms_Interrupted(t *testing.T) {
	t.Parallel()
	for _, program := range programs {
		for name, sig := range signals {
			t.Run(program.name+" "+name, func(t *testing.T) {
				t.Parallel()
				server := start(t)
				server.Inject(cftokenstest.Fault{Operation: program.operation, Delay: time.Hour})
				p := command(t, server, program.name, program.args...)
				if program.operation != "" {
					code := p.interrupt(requested(server, program.operation), sig)
					mustMatch(t, "standard error", program.name+": .*interrupted by "+name+".*\n", p.stderr.String())
					if code != 130 || strings.Contains(p.stderr.String(), "context") {
						t.Errorf("exit code = %d, standard error = %q; want 130, and one text for an interruption", code, &p.stderr)
					}
					return
				}
				file, err := os.Create(filepath.Join(t.TempDir(), "env"))
				if err != nil {
					t.Fatal(err)
				}
				p.Stdout = file // it serves when it has printed something, and has done its work when it ends
				code := p.interrupt(func() bool { return content(file.Name()) != "" }, sig)
				if code != 0 || p.stderr.Len() > 0 {
					t.Errorf("exit code = %d, standard error = %q; want 0 and none", code, &p.stderr)
				}
			})
		}
	}
}

// TestPrograms_Output checks what happens if standard output loses what is written to it.
func TestPrograms_Output(t *testing.T) {
	t.Parallel()
	const full = ".*write .*no space left on device"
	const handed = `FAKE-\S{35}` // cat prints the value
	rotated := handed + "rotate: user token " + tokenID + ` \(deploy\) was replaced by [0-9a-f]{32}, which was handed to .*/cat and is active; write .*`
	lost := "issue: nothing was created: standard output is closed or /dev/null, so the value would be lost\n"
	deleted := `issue: user token [0-9a-f]{32} \(n\) was created and deleted again: `
	for _, tt := range []struct {
		program, output string
		args            []string
		code            int
		stderr          string // a regular expression
	}{
		{"audit", ">&-", nil, 3, ""},
		{"audit", ">/dev/null", nil, 3, ""},
		{"audit", "pipe", nil, 3, ""}, // such as that of head
		{"audit", ">/dev/full", nil, 1, "audit: " + full + "\n"},
		{"audit", ">/dev/full", []string{"-json"}, 1, "audit: " + full + "\n"},
		{"audit", ">/dev/full", []string{"-h"}, 1, "audit: " + full + "\n"},
		{"fakeapi", ">/dev/full", nil, 1, "fakeapi: " + full + "\n"},
		{"issue", ">&-", issueArgs, 1, lost},
		{"issue", ">/dev/null", issueArgs, 1, lost},
		{"issue", "pipe", issueArgs, 1, deleted + ".*broken pipe\n"},
		{"issue", ">/dev/full", issueArgs, 1, deleted + full + "\n"},
		{"issue", ">/dev/full", append([]string{"-json"}, issueArgs...), 1, deleted + full + "\n"},
		{"lifecycle", ">/dev/null", nil, 0, ""},
		{"lifecycle", ">/dev/full", lifecycleArgs, 1, "lifecycle: " + full + "\n"},
		{"lifecycle", "pipe", lifecycleArgs, 0, ""},
		{"rotate", ">&-", rotateArgs, 0, handed},
		{"rotate", ">/dev/null", rotateArgs, 0, handed},
		{"rotate", "pipe", rotateArgs, 1, rotated + "\n"},
		{"rotate", ">/dev/full", rotateArgs, 1, rotated + "\n"},
		{"rotate", ">/dev/full", append([]string{"-json"}, rotateArgs...), 1, rotated + "\n"},
	} {
		t.Run(strings.Join(append([]string{tt.program, tt.output}, tt.args...), " "), func(t *testing.T) {
			t.Parallel()
			server := start(t, `{"id":"`+tokenID+`","name":"deploy","policies":[`+policy+`]}`)
			p := command(t, server, tt.program, tt.args...)
			p.redirect(tt.output)
			code := p.exitCode(p.Run())
			mustMatch(t, "standard error", tt.stderr, p.stderr.String())
			if tokens := server.Tokens(); code != tt.code || len(tokens) != 1 {
				t.Errorf("exit code = %d, %d tokens exist; want %d and 1", code, len(tokens), tt.code)
			}
		})
	}
}

// TestPrograms_Escapes checks that a token's name cannot control the terminal.
func TestPrograms_Escapes(t *testing.T) {
	t.Parallel()
	server := start(t)
	id := put(t, server, `{"name":"`+named+`","policies":[`+policy+`]}`)
	name := strings.NewReplacer(`\u001b`, "\x1b", `\u009b`, "\u009b", `\u202e`, "\u202e").Replace(named)
	server.Inject(cftokenstest.Fault{Operation: "listPermissionGroups", Status: 403, Body: `{"success":false,"errors":[{"code":1,"message":"` + named + `"}]}`})
	issueNamed := append([]string{"-name", name}, issueArgs[2:]...)
	for _, tt := range []struct {
		program string
		args    []string
	}{
		{"lifecycle", lifecycleArgs},
		{"audit", nil},
		{"audit", []string{"-json"}},
		{"issue", issueNamed},
		{"issue", append([]string{"-json"}, issueNamed...)},
		{"issue", []string{"-name", "n", "-zone", zone, "-group", "zone:" + name}},
		{"rotate", []string{"-in-place", "-id", id, "--", "true"}},
		{"rotate", []string{"-in-place", "-json", "-id", id, "--", "true"}},
		{"rotate", []string{"-in-place", "-id", id, "--", "false"}},
		{"rotate", []string{"-id", id, "--", "true"}},
	} {
		_, stdout, stderr := run(t, server, tt.program, tt.args...)
		if text := stdout + stderr; strings.ContainsAny(text, "\x1b\u009b\u202e") || text == "" {
			t.Errorf("%s %q printed %q, want it without control characters", tt.program, tt.args, text)
		}
		if tt.args != nil && tt.args[0] == "-json" && !strings.Contains(stdout, `"name":"`+named+`"`) {
			t.Errorf("%s -json printed %q, want the name with escapes", tt.program, stdout)
		}
	}
}
