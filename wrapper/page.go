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
	Info  ResultInfo // the API's result_info; it may be missing or inconsistent

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
	addPage(&e, p)
	ok = e.promisesMore()
	if p.Info.TotalPages <= 0 && p.Info.TotalCount <= 0 {
		ok = e.items == cmp.Or(e.perPage, p.requested)
	}
	if !ok || e.items == 0 || e.number == math.MaxInt {
		return 0, false
	}
	return e.number + 1, true
}

// extent is what is known about a list from the pages that were read. Totals may be missing
// or wrong, and a server may limit the length of a page without saying so in per_page.
type extent struct {
	first, number int // of the pages that were read first and last
	items         int // on the last of them
	received      int // items on all of them
	longest       int // items on the longest of them
	perPage       int // according to the API; 0: unknown

	// From the totals that were last credible.
	known bool
	total int // items in the list
	last  int // page
}

func addPage[T any](e *extent, p *Page[T]) {
	e.number, e.items = p.page, len(p.Items)
	if e.number == 0 { // p is a literal
		e.number = max(p.Info.Page, 1)
	}
	if e.first == 0 {
		e.first = e.number
	}
	e.received += e.items
	e.longest = max(e.longest, e.items)
	e.addTotals(p.Info, p.requested)
}

// addTotals adds the totals of a page, unless they contradict what was received, or count
// only the items on the page although there may be others.
func (e *extent) addTotals(info ResultInfo, requested int) {
	if info.PerPage > 0 && (requested == 0 || info.PerPage <= requested) {
		e.perPage = info.PerPage
	}
	alone := e.number == 1 && e.items < e.perPage
	doubtful := info.TotalCount < e.received || info.TotalCount <= e.items && !alone
	limited := info.TotalPages == e.number && info.TotalCount > 0 && e.items < requested
	if doubtful && (info.TotalPages < e.number || limited) {
		return
	}
	size := max(e.longest, e.perPage, 1)
	if e.perPage == 0 && e.first > 1 {
		size = max(size, requested) // the page that was read first may be a short last one
	}
	e.known, e.total = true, max(info.TotalCount, 0)
	e.last = max(info.TotalPages, ceilDiv(e.total, size))
}

// promisesMore reports whether the totals say that there are more pages.
func (e *extent) promisesMore() bool {
	if e.number < e.last {
		return true
	}
	// The pages may be shorter than per_page says.
	before := e.total - e.items
	fits := e.perPage > 0 && (e.longest == e.perPage || before%e.perPage == 0 && before/e.perPage == e.number-1)
	return !fits && e.total > e.received && e.first-1 < ceilDiv(e.total-e.received, max(e.longest, 1))
}

func ceilDiv(n, d int) int {
	if n%d > 0 {
		return n/d + 1
	}
	return n / d
}

// maxAhead limits the pages that are requested at a time, and the empty ones in a row.
const maxAhead = 4

// errAbandoned is why the context of requests is canceled that an iterator no longer needs.
var errAbandoned = errors.New("cftokens: the iteration has ended")

// pages returns an iterator over the items of the pages from first on. The first page is
// requested alone; once it is used up, those that the totals promise are requested ahead.
// Without totals, pages are requested until one is empty. exact reports whether the totals
// count only what the list contains. Pages are identified by the ID of their first item,
// because a server may ignore the page number.
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
		page, err := fetch(ctx, first)
		if err != nil {
			yield(nil, err)
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
		for {
			addPage(&read, page)
			number := read.number
			if empty++; read.items > 0 {
				empty = 0
				firstID := id(&page.Items[0])
				if earlier, ok := seen[firstID]; ok {
					if read.items >= page.requested || number <= read.last {
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
			switch {
			case empty > 0 && (number >= read.last || empty == maxAhead):
				if exact && number <= read.last {
					broken("page %d of the list is empty, although its totals promise more items", number)
				}
				return
			case !read.promisesMore() && (read.known || read.items > page.requested), number == math.MaxInt:
				return // known, or the server did not divide the list
			}
			for n := number + 1 + len(ahead); n <= min(read.last, number+maxAhead-empty); n++ {
				c := make(chan result, 1)
				ahead = append(ahead, c)
				requests.Go(func() {
					r := result{err: errAbandoned} // if the transport ends the goroutine, as t.FailNow does
					defer func() { c <- r }()
					r.page, r.err = fetch(ctx, n)
				})
			}
			if len(ahead) == 0 {
				page, err = fetch(ctx, number+1)
			} else {
				r := <-ahead[0]
				page, err, ahead = r.page, r.err, ahead[1:]
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}
