package cli

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// Duration is a [flag.Value] for a duration that is not negative: in days, such as 30d,
// or as [time.ParseDuration] reads it.
type Duration time.Duration

// String returns whole days as days.
func (d *Duration) String() string {
	if days := time.Duration(*d) / day; days > 0 && time.Duration(*d)%day == 0 {
		return strconv.Itoa(int(days)) + "d"
	}
	return time.Duration(*d).String()
}

// Set implements [flag.Value].
func (d *Duration) Set(s string) error {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16) // 65,535 days fit in a time.Duration
		if err != nil {
			return errors.New("want whole days from 0d to 65535d")
		}
		*d = Duration(time.Duration(n) * day)
		return nil
	}
	duration, err := time.ParseDuration(s)
	if err != nil || duration < 0 {
		return errors.New("want days, such as 30d, or hours, minutes and seconds, such as 1h30m; not negative")
	}
	*d = Duration(duration)
	return nil
}
