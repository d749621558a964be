package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

var signalNames = map[os.Signal]string{
	syscall.SIGHUP: "SIGHUP", os.Interrupt: "SIGINT", syscall.SIGQUIT: "SIGQUIT", syscall.SIGTERM: "SIGTERM",
}

// interruption is the cause of a canceled context.
type interruption struct{ os.Signal }

func (i interruption) Error() string { return "interrupted by " + signalNames[i.Signal] }

func (i interruption) Is(target error) bool { return target == context.Canceled }

// withSignals returns a context that the first signal cancels. A second SIGINT or SIGQUIT
// ends the program. Another SIGTERM or SIGHUP does not, because timeout and shells may send
// them twice.
func withSignals(name string) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	received := make(chan os.Signal, 1)
	for sig := range signalNames {
		if !signal.Ignored(sig) { // as by nohup
			signal.Notify(received, sig)
		}
	}
	// Writing to a closed pipe then returns an error, so run can clean up. Child processes
	// do not inherit this.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		cancel(interruption{<-received})
		for sig := range received {
			if sig == os.Interrupt || sig == syscall.SIGQUIT {
				Linef(os.Stderr, "%s: ended by a second signal, %s, before it was done", name, signalNames[sig])
				os.Exit(exitInterrupted)
			}
		}
	}()
	return ctx
}

// Linger returns a context that is canceled only when d has passed since ctx was, for a
// request whose outcome would otherwise be unknown.
func Linger(ctx context.Context, d time.Duration) context.Context {
	late, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		time.AfterFunc(d, func() { cancel(context.Cause(ctx)) })
	})
	return late
}
