package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// serve starts fakeapi, and returns the environment that it prints.
func serve(t *testing.T, args ...string) map[string]string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "env"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	p := command(t, nil, "fakeapi", args...)
	p.Stdout = file
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	for content(file.Name()) == "" {
	}
	env := map[string]string{}
	for line := range strings.Lines(content(file.Name())) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		env[name] = value
	}
	return env
}

func TestFakeAPI(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ args, token, account string }{
		{"", `FAKE-\S{35}`, ""},
		{"-token mine", "", ""},
		{"-account " + account, `FAKE-\S{35}`, account},
		{"-fault listTokens:418 -fault createAccountToken:limit -fault rollToken:2s*3 -fault deleteToken:drop-before -fault updateToken:drop-after -fault createToken:429", `FAKE-\S{35}`, ""},
	} {
		env := serve(t, strings.Fields(tt.args)...)
		mustMatch(t, "token", tt.token, env["CLOUDFLARE_API_TOKEN"])
		mustMatch(t, "account", tt.account, env["CLOUDFLARE_ACCOUNT_ID"])
		token, id := env["CLOUDFLARE_API_TOKEN"], tt.account
		if token == "" {
			token = "mine"
		}
		if id == "" {
			id = zone // the ID of every example
		}
		client, err := cftokens.NewClient(token, cftokens.WithBaseURL(env["CLOUDFLARE_BASE_URL"]))
		if err != nil {
			t.Fatal(err)
		}
		ofAccount, err := client.Account(id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ofAccount.List(t.Context(), cftokens.ListOptions{}); err != nil {
			t.Errorf("fakeapi %s: List() of account %s: error = %v", tt.args, id, err)
		}
		if _, err := client.Get(t.Context(), tokenID); err != nil {
			t.Errorf("fakeapi %s: Get() of the example's token: error = %v", tt.args, err)
		}
		for _, faulty := range []bool{strings.Contains(tt.args, "-fault"), false} {
			if _, err := client.List(t.Context(), cftokens.ListOptions{}); (err != nil) != faulty {
				t.Errorf("fakeapi %s: List() error = %v, want one: %v", tt.args, err, faulty)
			}
		}
	}
}

// TestFakeAPI_Help runs the lines of -h that start it.
func TestFakeAPI_Help(t *testing.T) {
	t.Parallel()
	_, help, _ := run(t, nil, "fakeapi", "-h")
	_, script, _ := strings.Cut(help, "\tfakeapi >fake.env &\n")
	script, _, _ = strings.Cut(script, "\n\n")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "fakeapi >fake.env &\ntrap 'kill $!' EXIT\n"+script+"\necho; audit -json")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "CLOUDFLARE_ACCOUNT_ID=")
	out, _ := cmd.CombinedOutput()
	if text := string(out); strings.Count(text, "readonly token") != 2 {
		t.Errorf("the lines of -h printed %q, want the example's token, from curl and from audit", text)
	}
}
