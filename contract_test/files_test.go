package contract_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// files reads every file of the given files and folders.
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
