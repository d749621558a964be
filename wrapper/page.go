package cftokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/http"
	"sync"

	"github.com/cftokens/cftokens-go/gen"
)

// A Page is one page of a list.
type Page[T any] struct {
	Items []T
	Info  ResultInfo // may be inconsistent; what is missing, malformed or beyond 32 bits is 0

	page, requested int // page and items per page that were requested; 0: the default
}

// list requests one page of a list. Zeros stand for the API's defaults.
func list[T any](ctx context.Context, c *Client, op *gen.Operation, req request, page, perPage int) (*Page[T], error) {
	switch {
	case page < 0:
		return nil, c.withPrefix(op, invalid("Page", "must not be negative"))
	case perPage < 0:
		return nil, c.withPrefix(op, invalid("PerPage", "must not be negative"))
	}
	env, err := do(ctx, c, op, req, nil, expected[[]T]{check: func(*[]T) bool { return true }})
	if err != nil {
		return nil, c.withPrefix(op, err)
	}
	// The page number in the response may be 0.
	return &Page[T]{Items: *env.Result, Info: env.ResultInfo.ResultInfo, page: max(page, 1), requested: perPage}, nil
}

// Next returns the number of the next page, if there is one. It relies on the API's
// totals. If there are none, a page that is as long as was requested is assumed to be
// followed by another; without a requested length, it is the last. So is an empty page.
// [Client.All] finds more: it can request a page to see whether it exists.
func (p *Page[T]) Next() (page int, ok bool) {
	var e extent
	p.addTo(&e)
	number, items := p.number(), len(p.Items)
	ok = number < e.last || e.last > 0 && !e.certain
	if p.Info.TotalPages <= 0 && p.Info.TotalCount <= 0 {
		ok = items == cmp.Or(p.perPage(), p.requested)
	}
	if !ok || items == 0 || number == math.MaxInt {
		return 0, false
	}
	return number + 1, true
}

// number returns the number of p, which may be a literal.
func (p *Page[T]) number() int { return cmp.Or(p.page, max(p.Info.Page, 1)) }

// perPage returns the length of pages according to the API, or 0 if that is unknown.
func (p *Page[T]) perPage() int {
	if p.requested > 0 && p.Info.PerPage > p.requested {
		return 0
	}
	return max(p.Info.PerPage, 0)
}

// extent is what is known about a list from the pages that were read. Totals may be missing
// or wrong, and a server may limit the length of a page without saying so in per_page.
type extent struct {
	first    int  // page that was read
	received int  // items
	longest  int  // items on a page
	last     int  // page that the totals promise; 0: unknown
	certain  bool // there is no page after last
}

// addTo adds p to what is known. Totals are ignored that contradict what was received, or
// may count only the items on the page.
func (p *Page[T]) addTo(e *extent) {
	number, items, perPage := p.number(), len(p.Items), p.perPage()
	e.first = cmp.Or(e.first, number)
	e.received += items
	e.longest = max(e.longest, items)

	total, pages := max(p.Info.TotalCount, 0), p.Info.TotalPages
	switch {
	case total > items && total >= e.received:
	case total == items && number == 1 && 0 < items && items < perPage: // a short page has all items
	case pages > number, pages == number && items >= p.requested:
		total = 0
	default:
		return
	}
	size := max(e.longest, perPage, 1)
	if e.first > 1 && perPage == 0 {
		size = max(size, p.requested) // the first page may be a short last one
	}
	e.last = max(pages, (total-1)/size+1)
	// Unless a page had this size, pages may be shorter, and there may be more of them. The
	// skipped pages are as long as the longest, unless the only page read is a short last one.
	skipped := e.first - 1
	e.certain = e.longest == size || skipped*e.longest+e.received >= total ||
		number == e.first && skipped*perPage+e.received == total
}

// maxAhead limits the pages that are requested at a time, and the empty ones in a row.
const maxAhead = 4

// errAbandoned is why the context of requests is canceled that an iterator no longer needs.
var errAbandoned = errors.New("cftokens: the iteration has ended")

// pages returns an iterator over the items of the pages from first on. The first page is
// requested alone; once it is used up, those that the totals promise are requested ahead.
// Unless their number is certain, pages are requested until one is empty. exact reports
// whether the totals count only what the list contains. Pages are identified by the ID of
// their first item, because a server may ignore the page number.
func pages[T any](ctx context.Context, op *gen.Operation, first int, exact bool, id func(*T) string, fetch func(ctx context.Context, page int) (*Page[T], error)) iter.Seq2[*T, error] {
	type result struct {
		page *Page[T]
		err  error
	}
	return func(yield func(*T, error) bool) {
		broken := func(format string, args ...any) {
			err := &DecodeError{Operation: op.ID, StatusCode: http.StatusOK, Err: fmt.Errorf(format, args...)}
			yield(nil, withPrefix(op.ID, err))
		}
		var next result
		if next.page, next.err = fetch(ctx, first); next.err != nil {
			yield(nil, next.err)
			return
		}
		var requests sync.WaitGroup
		defer requests.Wait()
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(errAbandoned)
		var ahead []chan result // of the pages after this one, in order
		var read extent
		seen := map[string]int{} // page numbers by the ID of the first item
		empty := 0               // pages in a row
		for next.err == nil {
			page := next.page
			page.addTo(&read)
			number, items := page.number(), len(page.Items)
			if empty++; items > 0 {
				empty = 0
				firstID := id(&page.Items[0])
				if earlier, ok := seen[firstID]; ok {
					if items >= page.requested || number <= read.last {
						broken("page %d of the list repeats page %d", number, earlier)
					}
					return // the server ignores the page number, and the list fits on a page
				}
				seen[firstID] = number
			}
			for i := range page.Items {
				if !yield(&page.Items[i], nil) {
					return
				}
			}
			undivided := items > page.requested
			isLast := number >= read.last && (read.certain || undivided || items == 0)
			if isLast || empty == maxAhead || number == math.MaxInt {
				if exact && items == 0 && number <= read.last {
					broken("page %d of the list is empty, although its totals promise more items", number)
				}
				return
			}
			for n := number + 1 + len(ahead); len(ahead) == 0 || n <= min(read.last, number+maxAhead-empty); n++ {
				c := make(chan result, 1)
				ahead = append(ahead, c)
				requests.Go(func() {
					r := result{err: errAbandoned} // if the transport ends the goroutine, as t.FailNow does
					defer func() { c <- r }()
					r.page, r.err = fetch(ctx, n)
				})
			}
			next, ahead = <-ahead[0], ahead[1:]
		}
		yield(nil, next.err)
	}
}
