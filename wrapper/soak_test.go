package cftokens_test

import (
	"flag"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

var soakCalls = flag.Int("soak.calls", 2000, "minimum number of calls that TestSoak makes")

const (
	soakRounds  = 6 // alternating between HTTP/1 and HTTP/2
	soakWorkers = 12
)

// faults happen to one request in five. Over HTTP/2, the server resets the stream instead
// of closing the connection.
var faults = map[string]cftokenstest.Fault{
	"status 429":           {Status: 429, Body: apiError("971", "Please wait and consider throttling your request speed")},
	"status 500":           {Status: 500, Body: apiError("971", "Please wait and consider throttling your request speed")},
	"status 502, HTML":     {Status: 502, Body: "<html>502 Bad Gateway</html>", Header: http.Header{"Content-Type": {"text/html"}}},
	"500 after effect":     {Status: 500, Body: "upstream request timeout", DropAfter: true},
	"status 302":           {Status: 302, Header: http.Header{"Location": {"/elsewhere"}}},
	"status 307":           {Status: 307, Header: http.Header{"Location": {"/elsewhere"}}},
	"302 after effect":     {Status: 302, Header: http.Header{"Location": {"/elsewhere"}}, DropAfter: true},
	"307 after effect":     {Status: 307, Header: http.Header{"Location": {"/elsewhere"}}, Body: "<html>", DropAfter: true},
	"403 page after":       {Status: 403, Body: "<html>403 Forbidden</html>", DropAfter: true},
	"404 page after":       {Status: 404, Body: "<html>404 Not Found</html>", DropAfter: true},
	"429 page after":       {Status: 429, Body: "<html>429 Too Many Requests</html>", DropAfter: true},
	"failure under 200":    {Status: 200, Body: apiError("1000", "no")},
	"dropped before":       {DropBefore: true},
	"dropped after":        {DropAfter: true},
	"truncated":            {TruncateAt: 20},
	"truncated to nothing": {TruncateAt: -1},
	"delayed":              {Delay: 2 * time.Millisecond},
}

// These faults are TCP resets, sent instead of reading a request or writing a response.
const (
	resetRead  = "reset while reading"
	resetWrite = "reset while writing"
)

// TestSoak creates, edits, rolls and deletes tokens in many goroutines over a network that
// fails, and compares what they know with what the server stores: no secret is lost, no
// token exists twice, and every orphan was reported.
func TestSoak(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var calls, retries, unknown int64
	byKind := map[string]int{}
	var heaps []uint64
	var lost, duplicated, unreported int
	for round := range soakRounds {
		s := newSoak(t, protocol(1+round%2), round/2%2 == 1)
		s.run(t, int64(*soakCalls)/soakRounds)
		l, d, u := s.check()
		lost, duplicated, unreported = lost+l, duplicated+d, unreported+u
		calls, retries, unknown = calls+s.calls.Load(), retries+s.retries.Load(), unknown+s.unknown.Load()
		s.faults[resetRead], s.faults[resetWrite] = int(s.listener.reads.done.Load()), int(s.listener.writes.done.Load())
		for kind, fault := range s.transport.faults {
			s.faults[kind] = int(fault.done.Load())
		}
		if s.created.Load() < s.calls.Load()/20 {
			t.Errorf("%s: %d of %d calls created a token, want more", s.protocol, s.created.Load(), s.calls.Load())
		}
		for kind, n := range s.faults {
			if n > 0 {
				byKind[s.protocol.String()+", "+kind] += n
			}
		}
		for _, problem := range s.problems {
			t.Error(problem)
		}
		heaps = append(heaps, liveHeap())
	}
	t.Logf("calls %d, retries %d, unknown outcomes %d", calls, retries, unknown)
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		t.Logf("fault: %-44s %d", kind, byKind[kind])
	}
	t.Logf("lost %d, duplicated %d, unreported %d", lost, duplicated, unreported)
	t.Logf("live heap after each round, KiB: %v", heaps)
	if lost+duplicated+unreported > 0 {
		t.Errorf("%d secrets were lost, %d tokens duplicated, %d orphans not reported; want none", lost, duplicated, unreported)
	}
	if retries == 0 || unknown == 0 {
		t.Errorf("%d retries and %d unknown outcomes, want some of both", retries, unknown)
	}
	if got, want := len(byKind), 2*(len(faults)+2+len(transportFaults)); got != want {
		t.Errorf("%d kinds of faults happened, want all %d", got, want)
	}
	if first, last := heaps[1], heaps[len(heaps)-1]; last > first+4<<10 {
		t.Errorf("live heap is %d KiB after the last round, want at most 4 MiB more than the %d KiB after the second", last, first)
	}
}
