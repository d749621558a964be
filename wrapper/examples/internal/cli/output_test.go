package cli_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
)

type terminal struct{ bytes.Buffer }

func (*terminal) Stat() (os.FileInfo, error) { return device{}, nil }

type device struct{ os.FileInfo }

func (device) Mode() os.FileMode { return os.ModeDevice | os.ModeCharDevice }

func TestStatus(t *testing.T) {
	t.Parallel()
	var screen terminal
	var file bytes.Buffer
	for _, n := range []int{50, 100} {
		cli.Status(&screen, "audit: %d tokens read", n)
		cli.Status(&file, "audit: %d tokens read", n)
	}
	cli.Status(&screen, "")
	if want := "\r\x1b[Kaudit: 50 tokens read\r\x1b[Kaudit: 100 tokens read\r\x1b[K"; screen.String() != want || file.Len() != 0 {
		t.Errorf("Status() wrote %q to a terminal and %q to a file, want %q and nothing", &screen, &file, want)
	}
}
