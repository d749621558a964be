package examples_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestFakeAPI runs the lines of -h, with flags, and audit.
func TestFakeAPI(t *testing.T) {
	t.Parallel()
	_, help, _ := run(t, nil, "fakeapi", "-h")
	_, script, _ := strings.Cut(help, "prints:\n")
	script, _, _ = strings.Cut(strings.Replace(script, "&\n", "&\ntrap 'kill $!' EXIT\n", 1), "\n\nA -fault")
	const base, token = `export CLOUDFLARE_BASE_URL=http://127\.0\.0\.1:\d+/client/v4\n`, `export CLOUDFLARE_API_TOKEN=FAKE-\S{35}\n`
	const exported, curled = `export CLOUDFLARE_ACCOUNT_ID=` + account + `\n`, `{.*"id":"` + tokenID + `".*}\n`
	const audited = `\[.*"id":"` + tokenID + `","name":"readonly token".*\]\n`
	const faults = "-fault rollToken:2s*3 -fault deleteToken:drop-before -fault updateToken:drop-after -fault createToken:limit -fault 429 "
	for flags, want := range map[string]string{
		"":                         base + token + curled + audited,
		"-token mine":              base + curled + audited,
		"-account " + account:      base + token + exported + curled + `\[\]\n`, // account tokens
		"-fault listTokens:418*2":  base + token + `.*\n*audit: cftokens: listTokens: .*HTTP 418 .*\n`,
		faults + "-fault 429":      base + token + `{.*"code":971,.*}\n` + audited,
		"-fault listTokens:0.001s": base + token + curled + audited,
	} {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", "echo old >fake.env\n"+strings.Replace(script, "fakeapi", "fakeapi "+flags, 1)+"; echo; audit -json")
		cmd.Dir = t.TempDir()
		cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "CLOUDFLARE_ACCOUNT_ID=", "CLOUDFLARE_API_TOKEN=mine")
		out, _ := cmd.CombinedOutput()
		env, err := os.ReadFile(cmd.Dir + "/fake.env")
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ := strings.Cut(string(out), "{")
		mustMatch(t, "fakeapi "+flags, want, string(env)+"{"+text)
	}
}
