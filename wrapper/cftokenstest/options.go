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

// WithToken sets [Server.Token], the server's own credential. Empty, as without the
// option, the server makes one up.
func WithToken(value string) Option {
	return func(c *config) {
		if value != "" {
			c.token = value
		}
	}
}

// WithClock makes the server take the time from now, to expire a token without
// waiting. It is called from several goroutines.
func WithClock(now func() time.Time) Option {
	return func(c *config) { c.now = now }
}

// WithListener makes the server listen on l, and close it in the end, in place of a
// port of its own choice on 127.0.0.1.
func WithListener(l net.Listener) Option {
	return func(c *config) { c.listener = l }
}

// WithRequestLimit makes the server keep the last n requests only, for one that runs
// for long; [Server.Requests] returns all that came otherwise.
func WithRequestLimit(n int) Option {
	return func(c *config) { c.keep = max(n, 0) }
}
