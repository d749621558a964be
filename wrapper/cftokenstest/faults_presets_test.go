package cftokenstest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestRateLimited(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for retryAfter, want := range map[time.Duration]string{0: "0", 1: "1", time.Second: "1", time.Second + 1: "2", 5 * time.Minute: "300"} {
		fault := cftokenstest.RateLimited(retryAfter)
		f.Inject(fault)
		fault.Header.Set("Retry-After", "changed after Inject")
		r := f.do("GET", "/user/tokens", "")
		r.rejected(429, 971, "Please wait and consider throttling your request speed")
		if got := r.header.Get("Retry-After"); got != want {
			t.Errorf("RateLimited(%v): Retry-After %q, want %q", retryAfter, got, want)
		}
		if got, want := r.header.Get("Ratelimit"), `"default";r=0;t=`+want; got != want {
			t.Errorf("RateLimited(%v): Ratelimit %q, want %q", retryAfter, got, want)
		}
	}
}

// TestTokenLimitReached checks that the fault applies only to a create, and that the
// response is the one that a fake sends when its quota is used up.
func TestTokenLimitReached(t *testing.T) {
	t.Parallel()
	for i, quota := range []int{50, 500} {
		f := newFake(t)
		owner, other := f.owners()[i], f.owners()[1-i]
		create := func(path string) reply { return f.do("POST", path, createBody) }
		message := fmt.Sprintf("You have reached the maximum number of API tokens (%d)", quota)
		f.Inject(cftokenstest.TokenLimitReached())
		f.do("GET", owner.path, "").ok(nil)
		f.do("GET", "/zones", "")
		create(owner.path).rejected(400, 1001, message)

		limited := cftokenstest.TokenLimitReached()
		limited.Operation = "createAccountToken"
		f.Inject(limited)
		create("/user/tokens").ok(nil)
		create("/accounts/"+f.AccountID+"/tokens").rejected(400, 1001, "You have reached the maximum number of API tokens (500)")

		for n := len(owner.tokens()); n < quota; n++ {
			create(owner.path).ok(nil)
		}
		create(owner.path).rejected(400, 1001, message)
		f.do("DELETE", owner.path+"/"+owner.tokens()[0].ID, "").ok(nil)
		create(owner.path).ok(nil)
		create(other.path).ok(nil)
	}
}
