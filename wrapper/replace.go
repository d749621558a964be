package cftokens

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

const (
	// cleanupTimeout limits the calls of Replace that are made even if its context is done.
	cleanupTimeout = time.Minute

	// maxSkew is how much issued_on may be earlier than the Date header of a response.
	maxSkew = 5 * time.Minute
)

// Replace rotates a token without an outage: it creates a copy, waits until the copy's
// value works, calls use, and deletes the old token if use returns nil. Unlike
// [Client.Roll], it changes the token's ID, and the old value works until the old token
// is deleted. The quota must have room for one more token.
//
// The copy is created with what the API accepts of the old token, as modified by change,
// which may be nil. It expires when the old token does unless change sets another
// ExpiresOn. Only an active token can be replaced. A token that manages tokens cannot be:
// the error matches [ErrManagesTokens]. If the token has a restriction that this version
// does not know, or if the copy is not what was asked for, such as one with fewer
// permission groups, the error matches [ErrLossyUpdate] and names the difference, and the
// copy is deleted. A property of the token that this version does not know must have the
// same value in the copy. If that is impossible, call [Client.Create], store the value,
// and call [Client.Delete].
//
// use gets ctx and the new token, and stores the value where it is needed. Before it
// calls use, Replace waits as [Client.WaitUntilActive] does. If waiting fails, or if use
// returns an error, panics or calls [runtime.Goexit], the new token is deleted and the
// old one stays. If it cannot be deleted after a panic, Replace panics with its ID. Once use
// has returned nil, the old token is deleted. Tokens are deleted even if ctx is done; each
// cleanup call is limited to one minute.
//
// The new token is returned if and only if use returned nil. If it is returned along with
// an error, the old token could not be deleted, or another copy may exist. If the create
// response contains a value but cannot be decoded as a whole, the new token has only its
// ID and Value. Every error after the arguments were checked is a [*ReplaceError]. It names
// the tokens and says which of them exist.
//
// If it is not known whether the copy was created, nothing is deleted: the error matches
// [ErrOutcomeUnknown], and its Candidates may include the copy.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/create/
func (c *Client) Replace(ctx context.Context, id string, change func(*TokenCreate) error, use func(context.Context, *CreatedToken) error) (*CreatedToken, error) {
	if use == nil {
		return nil, c.withPrefix(gen.OpCreateToken, invalid("use", "must not be nil"))
	}
	if err := checkID(id); err != nil {
		return nil, c.withPrefix(gen.OpGetToken, err) // without the ID, which may be a value
	}
	r := replacement{client: c, failure: ReplaceError{OldID: id}}
	created, err := r.run(ctx, change, use)
	if err != nil {
		r.failure.Err = err
		return created, withPrefix("replacement of token "+id, &r.failure)
	}
	return created, nil
}

// replacement is a call of Replace.
type replacement struct {
	client  *Client
	old     *editable[TokenCreate]
	since   time.Time   // no copy was issued before
	asked   TokenCreate // contents of the new token
	failure ReplaceError
}

func (r *replacement) run(ctx context.Context, change func(*TokenCreate) error, use func(context.Context, *CreatedToken) error) (*CreatedToken, error) {
	oldID := r.failure.OldID
	if err := r.prepare(ctx, change); err != nil {
		return nil, fmt.Errorf("%w; no new token was created", err)
	}
	stays := fmt.Errorf("old token %s stays", oldID)
	copied, createErr := create(ctx, r.client, r.asked, func(e *editable[TokenCreate]) *CreatedToken { return &e.read })
	if copied == nil {
		return nil, r.notCreated(ctx, createErr, stays)
	}
	created := &copied.read
	if strings.EqualFold(created.ID, oldID) || checkID(created.ID) != nil {
		created.ID = "" // this is not that of the copy
	}
	v, err := r.client.waitUntilActive(ctx, created.Value)
	unsure := createErr != nil && (created.ID == "" || v == nil) // whether the ID is that of the copy
	if v != nil && created.ID == "" && checkID(v.ID) == nil {
		created.ID = v.ID
	}
	newID := created.ID // use may modify the token
	switch {
	case newID == "" || strings.EqualFold(newID, oldID) || v != nil && !strings.EqualFold(v.ID, newID):
		unknown := fmt.Errorf("%w: it is not known which token the new value belongs to", ErrOutcomeUnknown)
		return nil, r.lost(ctx, textErrors{unknown, err, createErr, stays})
	case err == nil:
		err = r.check(ctx, copied)
	}
	r.failure.NewID = newID
	if err == nil {
		err = r.call(ctx, use, created)
	}
	if err != nil && unsure {
		return nil, r.lost(ctx, textErrors{ErrOutcomeUnknown, err, createErr, stays, fmt.Errorf("new token %s may still exist, delete it", newID)})
	}
	returned, needless, kept := created, oldID, fmt.Errorf("new token %s is in use; old token %s", newID, oldID)
	if err != nil {
		returned, needless, kept = nil, newID, fmt.Errorf("%w; new token %s", stays, newID)
	}
	state, deleteErr := r.delete(ctx, needless)
	errs := textErrors{err, createErr, fmt.Errorf("%w %s", kept, state), deleteErr}
	switch {
	case errors.Is(createErr, ErrOutcomeUnknown): // there may be another copy
		return returned, r.lost(ctx, errs)
	case err == nil && deleteErr == nil:
		return returned, nil
	}
	return returned, errs
}

// prepare gets the old token, and decides what to ask for.
func (r *replacement) prepare(ctx context.Context, change func(*TokenCreate) error) error {
	c, id := r.client, r.failure.OldID
	r.since = time.Now()
	want := about(id, (*editable[TokenCreate]).id)
	env, err := do(ctx, c, gen.OpGetToken, build(gen.NewGetTokenRequest(root, id)), nil, want)
	if err != nil {
		return err
	}
	if date, err := http.ParseTime(env.header.Get("Date")); err == nil {
		r.since = date
	}
	r.old, r.asked = env.Result, env.Result.contents
	if status := r.old.read.Status; status != TokenStatusActive {
		return fmt.Errorf("its status is %s, and only an active token can be replaced", c.sanitize(string(status)))
	}
	if err := r.old.checkLossless(c); err != nil {
		return err
	}
	if change != nil {
		if err := change(&r.asked); err != nil {
			return err
		}
	}
	return r.old.checkAddresses(r.asked.Condition)
}

// call calls use. If use does not return, the new token is deleted.
func (r *replacement) call(ctx context.Context, use func(context.Context, *CreatedToken) error, created *CreatedToken) error {
	newID, private, returned := created.ID, secrets{r.client.credential, created.Value}, false
	defer func() {
		if returned {
			return
		}
		if state, err := r.delete(ctx, newID); err != nil {
			reason := "use did not return"
			if p := recover(); p != nil {
				reason = private.redact(fmt.Sprint(p))
			}
			panic(fmt.Sprintf("%s [cftokens: new token %s %s]", reason, newID, state))
		}
	}()
	err := use(ctx, created)
	returned = true
	if err != nil && private.redact(err.Error()) != err.Error() {
		return &hiddenError{private.redact(err.Error()), err}
	}
	return err
}

// delete deletes a token, even if ctx is done, and returns its state after it.
func (r *replacement) delete(ctx context.Context, id string) (state string, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	err = r.client.delete(ctx, id)
	missing := isTokenNotFound(err)
	if (err == nil || missing) && id == r.failure.NewID {
		r.failure.NewID = ""
	}
	switch {
	case err == nil:
		return "was deleted", nil
	case missing:
		return "does not exist", nil
	case errors.Is(err, ErrOutcomeUnknown):
		return "may still exist, delete it", err
	}
	return "still exists, delete it", err
}

func (r *replacement) notCreated(ctx context.Context, err, stays error) error {
	if errors.Is(err, ErrOutcomeUnknown) {
		return r.lost(ctx, textErrors{err, stays})
	}
	state := "no new token was created"
	if errors.Is(err, ErrManagesTokens) {
		state += "; use Client.Roll for a new value"
	}
	return fmt.Errorf("%w; %w; %s", err, stays, state)
}

// lost returns the error of a replacement that may have created a token of which only the
// name is known. It lists the candidates, but deletes none: another process may use them.
func (r *replacement) lost(ctx context.Context, errs textErrors) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	var listErr error
	for t, err := range r.client.All(ctx, ListOptions{IncludeExpired: true}) {
		if err != nil {
			listErr = err
			break
		}
		old := strings.EqualFold(t.ID, r.failure.OldID) || t.IssuedOn != nil && t.IssuedOn.Before(r.since.Add(-maxSkew))
		if t.Name == r.asked.Name && !old && t.ID != r.failure.NewID {
			r.failure.Candidates = append(r.failure.Candidates, t.ID)
		}
	}
	state := fmt.Sprintf("another token named %q may exist, find it by name and delete it", r.asked.Name)
	if len(r.failure.Candidates) > 0 {
		state = fmt.Sprintf("another token named %q may exist: %s; delete the one whose value is not in use", r.asked.Name, r.client.sanitize(strings.Join(r.failure.Candidates, ", ")))
	}
	return append(errs, errors.New(state), listErr)
}
