package cftokens_test

import (
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

func TestS3Credentials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, value, secret string }{
		// The hash of "abc" is an example of FIPS 180-2.
		{"value", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"value from a file", "abc\n", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"no value", "", ""},
		{"white space", " \n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, key := cftokens.S3Credentials(tokenID, secret.New(tt.value))
			if id != tokenID || key.Reveal() != tt.secret {
				t.Errorf("S3Credentials() = %q, %q; want %q, %q", id, key.Reveal(), tokenID, tt.secret)
			}
			if got, want := key.IsZero(), tt.secret == ""; got != want {
				t.Errorf("S3Credentials() = key with IsZero() = %v, want %v", got, want)
			}
		})
	}
}
