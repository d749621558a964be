/*
Command fakeapi serves the fake of package cftokenstest on a local port, for curl and for
tests in other languages. It prints what clients of the API read from the
environment, as lines to paste into a shell: the base URL, a credential that may do
everything (unless -token is given), and the ID of an account. It runs until it is
interrupted.

Usage:

	fakeapi [flags]
	go run ./wrapper/examples/fakeapi -addr 127.0.0.1:8787

Environment: not used.

Exit codes:

	1    failure
	2    invalid flags
	130  interrupted by SIGINT or SIGTERM
*/
package main
