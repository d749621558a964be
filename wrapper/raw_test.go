package cftokens_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// protocol is the major version of HTTP that a rawServer supports.
type protocol int

func (p protocol) String() string { return fmt.Sprintf("HTTP/%d", int(p)) }

// transport returns a transport that uses only this version.
func (p protocol) transport() *http.Transport {
	t := &http.Transport{Protocols: new(http.Protocols)}
	t.Protocols.SetHTTP1(p == 1)
	t.Protocols.SetUnencryptedHTTP2(p == 2)
	return t
}

// rawServer is an HTTP server that can fail in ways that net/http cannot. It reads each
// request to its end before it calls respond.
type rawServer struct {
	protocol protocol
	respond  func(*exchange)

	listener    net.Listener
	connections sync.WaitGroup
	mu          sync.Mutex
	bodies      []string // of the requests, in order
}

// exchange is a request that was read and needs a response.
type exchange struct {
	net.Conn

	n      int    // 1 for the first request
	stream uint32 // 0 for HTTP/1
}

func newRawServer(t *testing.T, p protocol, respond func(*exchange)) *rawServer {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{protocol: p, respond: respond, listener: listener}
	s.connections.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
			s.connections.Go(func() {
				defer func() { _ = conn.Close() }()
				if p == 1 {
					s.serveHTTP1(conn)
				} else {
					s.serveHTTP2(conn)
				}
			})
		}
	})
	return s
}

// client returns a client of s, and its transport.
func (s *rawServer) client(t *testing.T, timeout time.Duration, policy cftokens.RetryPolicy) (*cftokens.Client, *http.Transport) {
	t.Helper()
	transport := s.protocol.transport()
	client, err := cftokens.NewClient(credential, cftokens.WithBaseURL("http://"+s.listener.Addr().String()),
		cftokens.WithHTTPClient(&http.Client{Transport: transport, Timeout: timeout}), cftokens.WithRetryPolicy(policy))
	if err != nil {
		t.Fatal(err)
	}
	return client, transport
}

// stop closes s and returns the bodies of all requests. It waits until everything that was
// sent has been read.
func (s *rawServer) stop(client *http.Transport) []string {
	_ = s.listener.Close()
	done := make(chan struct{})
	go func() { s.connections.Wait(); close(done) }()
	for {
		client.CloseIdleConnections()
		select {
		case <-done:
			return s.bodies
		case <-time.After(time.Millisecond):
		}
	}
}

func (s *rawServer) read(conn net.Conn, stream uint32, body []byte) {
	s.mu.Lock()
	s.bodies = append(s.bodies, string(body))
	n := len(s.bodies)
	s.mu.Unlock()
	s.respond(&exchange{conn, n, stream})
}

func (s *rawServer) serveHTTP1(conn net.Conn) {
	r := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		s.read(conn, 0, body)
	}
}

// Types, flags and errors of HTTP/2 frames.
const (
	frameData, frameHeaders, frameReset, frameSettings, framePing, frameGoAway byte = 0, 1, 3, 4, 6, 7

	flagAck, flagEndStream, flagEndHeaders byte = 1, 1, 4

	noError, protocolError, internalError, refusedStream, cancelStream, enhanceYourCalm uint32 = 0, 1, 2, 7, 8, 11
)

// serveHTTP2 supports only what net/http sends: no padding, and headers in one frame.
func (s *rawServer) serveHTTP2(conn net.Conn) {
	r := bufio.NewReader(conn)
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	if _, err := io.ReadFull(r, preface); err != nil {
		return
	}
	writeFrame(conn, frameSettings, 0, 0)
	bodies := map[uint32][]byte{}
	for {
		var header [9]byte
		if _, err := io.ReadFull(r, header[:]); err != nil {
			return
		}
		kind, flags, stream := header[3], header[4], binary.BigEndian.Uint32(header[5:])
		payload := make([]byte, binary.BigEndian.Uint32(header[:4])>>8)
		if _, err := io.ReadFull(r, payload); err != nil {
			return
		}
		switch kind {
		case frameSettings:
			if flags&flagAck == 0 {
				writeFrame(conn, kind, flagAck, 0)
			}
		case framePing:
			if flags&flagAck == 0 {
				writeFrame(conn, kind, flagAck, 0, payload...)
			}
		case frameHeaders, frameData:
			if kind == frameData {
				bodies[stream] = append(bodies[stream], payload...)
			}
			if flags&flagEndStream != 0 {
				s.read(conn, stream, bodies[stream])
			}
		}
	}
}

func writeFrame(w io.Writer, kind, flags byte, stream uint32, payload ...byte) {
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
	frame = binary.BigEndian.AppendUint32(append(frame, flags), stream)
	_, _ = w.Write(append(frame, payload...))
}

// reply sends a whole response.
func (x *exchange) reply(status int, body string) {
	if x.stream == 0 {
		x.write(fmt.Sprintf("HTTP/1.1 %d X\r\nLocation: /elsewhere\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body))
		return
	}
	x.headers(status)
	writeFrame(x, frameData, flagEndStream, x.stream, []byte(body)...)
}

func (x *exchange) write(s string) { _, _ = io.WriteString(x, s) }

// headers begins an HTTP/2 response. Its :status is a literal with the name at index 8 of
// HPACK's static table.
func (x *exchange) headers(status int) {
	writeFrame(x, frameHeaders, flagEndHeaders, x.stream, append([]byte{8, 3}, strconv.Itoa(status)...)...)
}

func (x *exchange) reset(code uint32) {
	writeFrame(x, frameReset, 0, x.stream, binary.BigEndian.AppendUint32(nil, code)...)
}

// goAway sends a GOAWAY frame: last is the last stream that was processed.
func (x *exchange) goAway(last, code uint32) {
	writeFrame(x, frameGoAway, 0, 0, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), code)...)
}

// hardReset closes the connection with a TCP reset.
func (x *exchange) hardReset() {
	_ = x.Conn.(*net.TCPConn).SetLinger(0)
	_ = x.Close()
}
