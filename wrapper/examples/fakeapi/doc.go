/*
Command fakeapi serves the fake of package cftokenstest on a local port, for curl and for
tests in other languages. It prints export statements for the shell with the base URL, a
credential with all permissions (unless -token is given), and an account ID. It runs until
it is interrupted.

Usage:

	fakeapi [flags]
	go run ./wrapper/examples/fakeapi -addr 127.0.0.1:8787

Environment variables are not used.

Exit codes:

	1    failure
	2    invalid flags
	130  interrupted by SIGINT or SIGTERM
*/
package main
