package cftokens

import (
	"cmp"
	"net/http"
	"sync"
	"time"
)

// A connection that a NAT or a firewall has dropped silently is found after at most
// twice this time. Without pings, each request on it runs into its timeout.
const pingInterval = 15 * time.Second

// defaultTransport is shared by all clients without [WithHTTPClient].
var defaultTransport http.RoundTripper = new(pingTransport)

// pingTransport is http.DefaultTransport with pings on HTTP/2 connections. It looks up
// http.DefaultTransport at each request, because programs and tests replace it.
type pingTransport struct {
	mu         sync.Mutex
	base, ping *http.Transport // ping is a clone of base
}

func (t *pingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.current().RoundTrip(req)
}

// CloseIdleConnections is called by [http.Client.CloseIdleConnections].
func (t *pingTransport) CloseIdleConnections() {
	if c, ok := t.current().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// current returns the transport to use now. One of another type is used as it is.
func (t *pingTransport) current() http.RoundTripper {
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.base != base {
		if t.ping != nil {
			t.ping.CloseIdleConnections()
		}
		t.base, t.ping = base, base.Clone()
		if t.ping.HTTP2 == nil {
			t.ping.HTTP2 = new(http.HTTP2Config)
		}
		t.ping.HTTP2.SendPingTimeout = cmp.Or(t.ping.HTTP2.SendPingTimeout, pingInterval)
		t.ping.HTTP2.PingTimeout = cmp.Or(t.ping.HTTP2.PingTimeout, pingInterval)
	}
	return t.ping
}
