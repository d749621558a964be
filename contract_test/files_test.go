package contract_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var liveCredential = regexp.MustCompile(`cf(ut|at|k)_[A-Za-z0-9]{40}`)

// files reads the given files, and all files in the given folders.
func files(t testing.TB, roots ...string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			all[path], err = os.ReadFile(path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestFiles_Credentials checks that no file contains what looks like a live credential.
func TestFiles_Credentials(t *testing.T) {
	t.Parallel()
	if !liveCredential.MatchString("cfut" + "_" + strings.Repeat("a", 40)) {
		t.Fatal("liveCredential does not match an example")
	}
	for path, data := range files(t, "testdata", "../openapi.yaml", "../README.md", "../wrapper/cftokenstest") {
		if liveCredential.Match(data) {
			t.Errorf("%s contains what looks like a live Cloudflare credential: replace it", path)
		}
	}
}
