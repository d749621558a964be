package cftokens

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

// logAttempt logs the outcome of one attempt. Attributes are listed explicitly so that
// nothing secret slips in.
func (t *transport) logAttempt(ctx context.Context, op *gen.Operation, attempt int, took time.Duration, resp *response, err error, wait time.Duration, retry bool) {
	if t.log == nil {
		return
	}
	level, message := slog.LevelDebug, "request succeeded"
	switch {
	case retry:
		level, message = slog.LevelWarn, "request failed, retrying"
	case err != nil:
		level, message = slog.LevelWarn, "request failed"
	}
	if !t.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", op.ID),
		slog.String("method", op.Method),
		slog.String("path", op.Path),
		slog.Int("attempt", attempt),
		slog.Duration("duration", took),
	}
	if resp != nil {
		attrs = append(attrs, slog.Int("status", resp.status), slog.String("ray_id", resp.rayID()))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", logText(err)))
	}
	if retry {
		attrs = append(attrs, slog.Duration("wait", wait))
	}
	t.log.LogAttrs(ctx, level, message, attrs...)
}

// logText returns the text of err for the log. For an error response, it contains only
// the status and the codes, because messages are part of the body.
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
