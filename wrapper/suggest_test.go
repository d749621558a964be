package cftokens_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestFindPermissionGroups_LongNames checks that suggestions for long names take little
// time, and that their beginnings are still compared.
func TestFindPermissionGroups_LongNames(t *testing.T) {
	t.Parallel()
	for name, long := range map[string]string{
		"long word":  strings.Repeat("x", 6000),
		"many words": strings.Repeat("x ", 1500),
	} {
		var catalog []string
		for i := range 20 {
			catalog = append(catalog, fmt.Sprintf(`{"id":"%d","name":"DNS %sy%d","scopes":[]}`, i, long, i))
		}
		client := newClient(t, respond(http.StatusOK, success("["+strings.Join(catalog, ",")+"]")))
		start := time.Now()
		_, err := client.FindPermissionGroups(t.Context(), "", "DNS "+long)
		checkError(t, name+": FindPermissionGroups()", err, cftokens.ErrNotFound, "did you mean")
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: FindPermissionGroups() took %v, want at most 2s", name, took)
		}
	}
}
