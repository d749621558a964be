package cftokenstest

import (
	"testing"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// TestPage_Expires checks that a page of tokens that can expire costs no copy of all tokens.
// It is not parallel, because it counts allocations.
func TestPage_Expires(t *testing.T) {
	s := &store{index: newIndex(), quota: userQuota}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range 1000 {
		token := s.newToken(secret.New(s.newValue()), now)
		token.expiresOn = now.Add(time.Duration(i) * time.Hour)
		s.add(token)
	}
	list := func(now time.Time, expired bool) (total int) {
		_, total = s.page(pageQuery{page: 2, perPage: 50}, false, expired, now)
		return total
	}
	if got := testing.AllocsPerRun(10, func() { list(now, false) }); got > 0 {
		t.Errorf("%v allocations for a page, want 0", got)
	}
	for _, tt := range []struct {
		hours, want int
	}{{0, 999}, {9, 990}, {10, 989}, {2000, 0}, {1, 998}} {
		if got := list(now.Add(time.Duration(tt.hours)*time.Hour), false); got != tt.want {
			t.Errorf("after %d hours: %d tokens, want %d", tt.hours, got, tt.want)
		}
	}
	if got := list(now.Add(2000*time.Hour), true); got != 1000 {
		t.Errorf("with expired ones: %d tokens, want 1000", got)
	}
	s.remove(s.order[500])
	if got := list(now, false); got != 998 {
		t.Errorf("after one was removed: %d tokens, want 998", got)
	}
}
