package cli_test

import (
	"testing"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
)

func TestDuration(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want time.Duration
		text string
	}{
		{"30d", 30 * 24 * time.Hour, "30d"},
		{"65535d", 65535 * 24 * time.Hour, "65535d"},
		{"0d", 0, "0s"},
		{"48h", 48 * time.Hour, "2d"},
		{"36h", 36 * time.Hour, "36h0m0s"},
		{"1h30m", 90 * time.Minute, "1h30m0s"},
	} {
		var got cli.Duration
		if err := got.Set(tt.in); err != nil || time.Duration(got) != tt.want {
			t.Errorf("Set(%q) = %v, %v; want %v", tt.in, time.Duration(got), err, tt.want)
		}
		if text := got.String(); text != tt.text {
			t.Errorf("String() after Set(%q) = %q, want %q", tt.in, text, tt.text)
		}
	}
	for _, in := range []string{"", "d", "30", "-1d", "-1h", "1.5d", "65536d", "99999999999999999999d", "1d12h", "1hd", "30 d", "x"} {
		got := cli.Duration(time.Hour)
		if err := got.Set(in); err == nil || got != cli.Duration(time.Hour) {
			t.Errorf("Set(%q) = %s, %v; want an error, and no change", in, &got, err)
		}
	}
}
