package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// row is a call that is measured.
type row struct {
	name string
	call func(ctx context.Context, c client) error
}

var rows = []row{
	{"list 1,000 tokens, 50 a page", func(ctx context.Context, c client) error {
		n, err := c.list(ctx, 50)
		return expect(n == 1000, err)
	}},
	{"get one", func(ctx context.Context, c client) error {
		name, err := c.get(ctx, tokenID)
		return expect(name == "deploy of service 1", err)
	}},
	{"create one", func(ctx context.Context, c client) error {
		value, err := c.create(ctx)
		return expect(value == "EXAMPLE-token_value_not_a_secret_0123456", err)
	}},
	{"verify", func(ctx context.Context, c client) error {
		status, err := c.verify(ctx)
		return expect(status == "active", err)
	}},
	{"an error response", func(ctx context.Context, c client) error {
		_, err := c.get(ctx, unknownID)
		return expect(err != nil, nil)
	}},
	{"392 permission groups", func(ctx context.Context, c client) error {
		n, err := c.groups(ctx)
		return expect(n == groups, err)
	}},
}

var errUnexpected = errors.New("the client gave something else than the API sent")

func expect(ok bool, err error) error {
	if err == nil && !ok {
		return errUnexpected
	}
	return err
}

// cost is what a call costs: nanoseconds, bytes, allocations.
type cost [3]float64

func (c cost) String() string { return fmt.Sprintf("%.2f | %.2f | %.2f", c[0], c[1], c[2]) }

type comparison struct{ toFloor, toOfficial cost }

// ratios measures the clients in turn, and takes of each ratio the median of the
// rounds: what slows the machine down for a while slows all of a round.
func (r row) ratios(ctx context.Context, clients []client, rounds int) (comparison, error) {
	var toOfficial, toFloor []cost
	for range rounds {
		var costs []cost
		for _, c := range clients {
			measured, err := r.measure(ctx, c)
			if err != nil {
				return comparison{}, fmt.Errorf("%T: %w", c, err)
			}
			costs = append(costs, measured)
		}
		toOfficial = append(toOfficial, ratio(costs[0], costs[1]))
		toFloor = append(toFloor, ratio(costs[0], costs[2]))
	}
	return comparison{toFloor: medians(toFloor), toOfficial: medians(toOfficial)}, nil
}

func (r row) measure(ctx context.Context, c client) (cost, error) {
	var failed error
	result := testing.Benchmark(func(b *testing.B) {
		b.Helper()
		for b.Loop() {
			if err := r.call(ctx, c); err != nil {
				failed = err
				b.FailNow()
			}
		}
	})
	if failed == nil && result.N == 0 {
		failed = errors.New("nothing was measured")
	}
	return cost{
		float64(result.T.Nanoseconds()) / float64(result.N),
		float64(result.MemBytes) / float64(result.N),
		float64(result.MemAllocs) / float64(result.N),
	}, failed
}

func ratio(a, b cost) (r cost) {
	for i := range r {
		r[i] = a[i] / b[i]
	}
	return r
}

// medians takes the median of each number for itself.
func medians(costs []cost) (m cost) {
	for i := range m {
		column := make([]float64, len(costs))
		for j, c := range costs {
			column[j] = c[i]
		}
		m[i] = median(column)
	}
	return m
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
