package cftokens

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// logAttempt logs what an attempt came to. What it logs is listed here one by one,
// so that nothing else can slip in.
func (t *transport) logAttempt(ctx context.Context, c *call, resp *http.Response) {
	if t.log == nil {
		return
	}
	level, text := slog.LevelDebug, "request answered"
	switch {
	case c.again:
		level, text = slog.LevelWarn, "request failed, trying again"
	case c.last.err != nil:
		level, text = slog.LevelWarn, "request failed"
	}
	if !t.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", c.op.id),
		slog.String("method", c.op.method),
		slog.String("path", c.op.path),
		slog.Int("attempt", c.attempts),
		slog.Duration("duration", time.Since(c.started)),
	}
	if resp != nil {
		attrs = append(attrs, slog.Int("status", resp.StatusCode), slog.String("ray_id", printable(resp.Header.Get("Cf-Ray"))))
	}
	if c.last.err != nil {
		attrs = append(attrs, slog.String("error", logText(c.last.err)))
	}
	if c.again {
		attrs = append(attrs, slog.Duration("wait", c.wait))
	}
	t.log.LogAttrs(ctx, level, text, attrs...)
}

// logText is what may be logged of an error: of an answer its codes alone, for
// messages are part of the body.
func logText(err error) string {
	var apiErr *APIError
	if !errors.As(err, &apiErr) {
		return err.Error()
	}
	codes := make([]int, len(apiErr.Errors))
	for i, d := range apiErr.Errors {
		codes[i] = d.Code
	}
	return fmt.Sprintf("HTTP %d, codes %v", apiErr.StatusCode, codes)
}
