package cftokenstest

import (
	"context"
	"net"
	"sync"
)

// InMemory makes the server accept only connections of [Server.Client], which do not use
// the network. Server and client can then be in a bubble of package [testing/synctest], in
// which no test waits for a Retry-After or a Fault's Delay. No other client can reach
// [Server.URL].
func InMemory() Option {
	return func(c *config) { c.listener = newPipes() }
}

// pipes is a listener for connections in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

func newPipes() *pipes {
	closed := make(chan struct{})
	return &pipes{conns: make(chan net.Conn), closed: closed, close: sync.OnceFunc(func() { close(closed) })}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// dial connects a client, whatever the address is.
func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- pipe{server}:
		return client, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Addr returns a loopback address on which nothing can listen.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) Close() error {
	p.close()
	return nil
}

// pipe is the server's end of a connection, which has the address of a local client.
type pipe struct{ net.Conn }

func (pipe) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
