package cftokenstest

import (
	"net"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// An Option configures a [Server].
type Option func(*config)

type config struct {
	token    string
	account  string
	now      func() time.Time
	listener net.Listener
	keep     int
	groups   []cftokens.PermissionGroup
}

// WithToken sets [Server.Token], the server's own credential. It may have any length. If
// it is empty, the server generates one, which is the default.
func WithToken(value string) Option {
	return func(c *config) { c.token = value }
}

// WithAccountID sets [Server.AccountID], to 32 hexadecimal digits. NewServer panics if id has
// another form, and generates an ID if id is empty, which is the default.
func WithAccountID(id string) Option {
	return func(c *config) { c.account = id }
}

// WithClock sets the clock of the server, for example to expire a token without waiting.
// The clock must be safe for concurrent use.
func WithClock(now func() time.Time) Option {
	return func(c *config) { c.now = now }
}

// WithListener makes the server listen on l instead of a free port on 127.0.0.1.
// [Server.Close] closes l.
func WithListener(l net.Listener) Option {
	return func(c *config) { c.listener = l }
}

// WithRequestLimit makes the server keep only the last n requests, for a server that
// runs for a long time. By default, [Server.Requests] returns all of them.
func WithRequestLimit(n int) Option {
	return func(c *config) { c.keep = max(n, 0) }
}

// WithPermissionGroups adds permission groups to the catalog, which lacks some of
// Cloudflare's. Only ID, Name and Scopes are used; the other properties are generated.
func WithPermissionGroups(groups ...cftokens.PermissionGroup) Option {
	return func(c *config) { c.groups = append(c.groups, groups...) }
}
