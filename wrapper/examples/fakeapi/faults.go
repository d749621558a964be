package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
)

// faults is the flag -fault.
type faults []cftokenstest.Fault

// add reads [OPERATION:]FAULT[*TIMES].
func (f *faults) add(text string) error {
	operation, kind, ok := strings.Cut(text, ":")
	if !ok {
		operation, kind = "", text
	}
	kind, count, repeated := strings.Cut(kind, "*")
	times, err := strconv.ParseUint(count, 10, 16)
	if repeated && (err != nil || times == 0) {
		return fmt.Errorf("%q is not a number of times", count)
	}
	fault, err := faultOf(kind)
	if err != nil {
		return err
	}
	fault.Operation, fault.Times = operation, int(times)
	*f = append(*f, fault)
	return nil
}

// inject injects f, or lists the operations if it names none of them.
func (f *faults) inject(server *cftokenstest.Server) (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = cli.Usagef("-fault: %v", problem)
		}
	}()
	for _, fault := range *f {
		server.Inject(fault)
	}
	return nil
}

func faultOf(kind string) (cftokenstest.Fault, error) {
	status, _ := strconv.Atoi(kind)
	delay, _ := time.ParseDuration(kind)
	switch {
	case kind == "drop-before":
		return cftokenstest.Fault{DropBefore: true}, nil
	case kind == "drop-after":
		return cftokenstest.Fault{DropAfter: true}, nil
	case kind == "limit":
		return cftokenstest.TokenLimitReached(), nil
	case status == 429:
		return cftokenstest.RateLimited(time.Second), nil
	case status >= 200 && status <= 599:
		return cftokenstest.Fault{Status: status}, nil
	case delay > 0:
		return cftokenstest.Fault{Delay: delay}, nil
	}
	return cftokenstest.Fault{}, errors.New("want a status from 200 to 599, a delay such as 2s, limit, drop-before or drop-after")
}
