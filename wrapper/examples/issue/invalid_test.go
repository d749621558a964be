package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func TestIssue_Invalid(t *testing.T) {
	server := start(t)
	for _, tt := range []struct {
		name, want string
		args       []string
	}{
		{"no name", "-name is required", []string{"-group", "zone:Zone Read"}},
		{"no group", "-group is required", []string{"-name", "n"}},
		{"argument", "unexpected argument", []string{"-name", "n", "-group", "zone:Zone Read", "x"}},
		{"negative expiry", "not negative", []string{"-name", "n", "-group", "zone:Zone Read", "-expires", "-1h"}},
		{"group without a scope", "scope:name", []string{"-name", "n", "-group", "Zone Read"}},
		{"account group without an account", "requires -on-account", []string{"-name", "n", "-group", "account:Workers Scripts Read"}},
		{"account without an account group", "has no effect", []string{"-name", "n", "-group", "zone:Zone Read", "-zone", zone, "-on-account", account}},
		{"unknown scope", `unknown scope "bucket"`, []string{"-name", "n", "-group", "bucket:x"}},
		{"zone group without a zone", "requires -zone", []string{"-name", "n", "-group", "zone:Zone Read"}},
		{"zone without a zone group", "has no effect", []string{"-name", "n", "-group", "user:Memberships Read", "-user", "u", "-zone", zone}},
		{"Worker of a user", "-worker requires -account", []string{"-name", "n", "-group", "worker:x", "-worker", "t"}},
		{"worker group without a Worker", "requires -worker", []string{"-account", account, "-name", "n", "-group", "worker:x"}},
		{"unknown flag", "not defined", []string{"-x"}},
	} {
		err := run(t.Context(), tt.args, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: run() error = %v, want it to contain %q", tt.name, err, tt.want)
		}
		if err != nil && !strings.HasSuffix(err.Error(), "; see -h") {
			t.Errorf("%s: run() error = %v, want it to end in a hint at -h", tt.name, err)
		}
	}
	err := run(t.Context(), []string{"-name", "n", "-zone", zone, "-group", "zone:No Such Group", "-group", "zone:Nor This"}, io.Discard, io.Discard)
	if !errors.Is(err, cftokens.ErrNotFound) {
		t.Fatalf("unknown groups: run() error = %v, want ErrNotFound", err)
	}
	for _, want := range []string{"No Such Group", "Nor This"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("unknown groups: run() error = %v, want it to contain %q", err, want)
		}
	}
	err = run(t.Context(), []string{"-name", "n", "-zone", "*", "-group", "zone:Zone Read"}, io.Discard, io.Discard)
	if !errors.Is(err, cftokens.ErrInvalidArgument) {
		t.Errorf("all zones by accident: run() error = %v, want ErrInvalidArgument", err)
	}
	err = run(t.Context(), []string{"-account", "x", "-name", "n", "-zone", zone, "-group", "zone:Zone Read"}, io.Discard, io.Discard)
	if !errors.Is(err, cftokens.ErrInvalidArgument) {
		t.Errorf("account ID: run() error = %v, want ErrInvalidArgument", err)
	}
	err = run(t.Context(), []string{"-account", server.AccountID, "-name", "n", "-worker", "my-worker", "-group", "worker:Individual Workers Editor"}, io.Discard, io.Discard)
	if !errors.Is(err, cftokens.ErrInvalidArgument) || !strings.Contains(err.Error(), "not its name") {
		t.Errorf("name of a Worker: run() error = %v, want ErrInvalidArgument", err)
	}
	if n := len(server.Tokens()); n != 0 {
		t.Errorf("%d tokens were created, want none", n)
	}
}
