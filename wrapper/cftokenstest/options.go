package cftokenstest

import (
	"net"
	"time"
)

// Option changes how [NewServer] sets up a server.
type Option func(*config)

type config struct {
	token    string
	now      func() time.Time
	listener net.Listener
	keep     int
}

// WithToken sets [Server.Token], the server's own credential. It may have any length.
// If it is empty, the server generates one, as without the option.
func WithToken(value string) Option {
	return func(c *config) { c.token = value }
}

// WithClock sets the clock of the server, to expire a token without waiting. It is
// called from several goroutines.
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
