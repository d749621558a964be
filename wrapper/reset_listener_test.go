package cftokens_test

import (
	"net"
	"sync/atomic"
)

// resetListener accepts connections that can be reset.
type resetListener struct {
	net.Listener

	reads, writes resets
}

// resets counts the resets that are wanted and done.
type resets struct{ wanted, done atomic.Int64 }

func (r *resets) take() bool {
	for n := r.wanted.Load(); n > 0; n = r.wanted.Load() {
		if r.wanted.CompareAndSwap(n, n-1) {
			r.done.Add(1)
			return true
		}
	}
	return false
}

func (l *resetListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &resetConn{conn, l}, nil
}

type resetConn struct {
	net.Conn

	listener *resetListener
}

func (c *resetConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.listener.reads.take() {
		return 0, c.reset()
	}
	return n, err
}

func (c *resetConn) Write(b []byte) (int, error) {
	if c.listener.writes.take() {
		return 0, c.reset()
	}
	return c.Conn.Write(b)
}

func (c *resetConn) reset() error {
	_ = c.Conn.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
	return net.ErrClosed
}
