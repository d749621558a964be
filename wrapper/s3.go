package cftokens

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// S3Credentials derives credentials for R2's S3 API from a token with R2 permissions: the
// access key ID is the token's ID, and the secret access key is the SHA-256 hash of its
// value, in lowercase hexadecimal, or zero if the value is empty. As in [NewClient], leading
// and trailing white space of the value is trimmed.
//
// The endpoint is https://<account ID>.r2.cloudflarestorage.com, or, for a bucket in a
// jurisdiction such as "eu", https://<account ID>.eu.r2.cloudflarestorage.com. The region
// is "auto". [Client.Roll] changes the secret access key, but not the access key ID.
//
// Cloudflare API docs: https://developers.cloudflare.com/r2/api/tokens/
func S3Credentials(tokenID string, value secret.Value) (accessKeyID string, secretAccessKey secret.Value) {
	text := strings.TrimSpace(value.Reveal())
	if text == "" {
		return tokenID, secret.Value{}
	}
	hash := sha256.Sum256([]byte(text))
	return tokenID, secret.New(hex.EncodeToString(hash[:]))
}
