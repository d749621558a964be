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
