package contract_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

var recordLive = flag.Bool("record.live", false, "record from the live API, with CLOUDFLARE_API_TOKEN, into testdata/recordings")

// kept are the properties whose values may be written as they came. Everything else
// becomes a placeholder of the same shape.
var kept = []string{
	"success", "code", "message", "documentation_url", "pointer", "type", "status", "effect",
	"page", "per_page", "count", "total_count", "total_pages",
	"scopes", "category", "label", "visibility", "editable", "deprecated",
}

// recorder turns exchanges into recordings that hold nobody's data.
type recorder struct {
	secrets      []string
	placeholders map[string]string // what came, and what stands for it: the same all along, so that ids still match
}

// recording is e without what is not to be kept.
func (r *recorder) recording(e *exchange) (*exchange, error) {
	var out exchange
	out.Source, out.Note = "live", "recorded by make record; values that are not on the list of the recorder are placeholders"
	out.operation = e.operation
	out.Request = e.Request
	out.Request.Path = r.path(e.Request.Path)
	out.Request.Query = map[string]string{}
	for name, value := range e.Request.Query {
		if name == "name" {
			value = r.placeholder(value)
		}
		out.Request.Query[name] = value
	}
	var err error
	if out.Request.Body, err = r.redact(e.Request.Body); err != nil {
		return nil, err
	}
	out.Response.Status = e.Response.Status
	out.Response.Headers = map[string]string{}
	for _, name := range []string{"content-type", "retry-after", "ratelimit", "ratelimit-policy"} {
		if value, ok := e.Response.Headers[name]; ok {
			out.Response.Headers[name] = value
		}
	}
	if out.Response.Body, err = r.redact(e.Response.Body); err != nil {
		return nil, err
	}
	return &out, nil
}

// path replaces the id in a path by its placeholder.
func (r *recorder) path(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) > 3 && !slices.Contains([]string{"verify", "permission_groups"}, parts[3]) {
		parts[3] = r.placeholder(parts[3])
	}
	return strings.Join(parts, "/")
}

func (r *recorder) redact(body json.RawMessage) (json.RawMessage, error) {
	if len(body) == 0 {
		return nil, nil
	}
	value, err := decode(body)
	if err != nil {
		return nil, fmt.Errorf("a body that is no JSON is not recorded: %w", err)
	}
	redacted, err := json.Marshal(r.value("", value))
	return redacted, err
}

func (r *recorder) value(property string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, item := range value {
			if property == "resources" || strings.HasPrefix(property, "com.cloudflare.") {
				name = r.resource(name)
			}
			out[name] = r.value(name, item)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, item := range value {
			out[i] = r.value(property, item)
		}
		return out
	case string:
		if slices.Contains(kept, property) || value == "*" {
			return r.scrub(value)
		}
		return r.placeholder(value)
	case json.Number:
		if !slices.Contains(kept, property) {
			return json.Number("1")
		}
	}
	return value
}

// scrub replaces what is known by its placeholder within a text that is kept.
func (r *recorder) scrub(text string) string {
	for _, came := range sorted(r.placeholders) {
		text = strings.ReplaceAll(text, came, r.placeholders[came])
	}
	return text
}

// resource keeps the kind of a resource and replaces its id.
func (r *recorder) resource(name string) string {
	dot := strings.LastIndex(name, ".")
	if id := name[dot+1:]; id != "*" && strings.ContainsAny(id, "0123456789") {
		return name[:dot+1] + r.placeholder(id)
	}
	return name
}

// placeholder is a text of the same shape: hexadecimal digits for an id, a time for
// a time, a network for a network, and example text of the same length otherwise.
func (r *recorder) placeholder(came string) string {
	if p, ok := r.placeholders[came]; ok {
		return p
	}
	n := len(r.placeholders) + 1
	var p string
	switch {
	case isHex(came) && len(came) == 32:
		p = fmt.Sprintf("%032x", 0xe0000000+n)
	case strings.HasSuffix(came, "Z") && strings.Contains(came, "T") && strings.Count(came, ":") == 2:
		p = fmt.Sprintf("2025-01-01T%02d:%02d:00Z", n/60%24, n%60)
	case strings.Contains(came, "/") && strings.Contains(came, ":"):
		p = "2001:db8::/32"
	case strings.Contains(came, "/") && strings.Count(came, ".") == 3:
		p = "192.0.2.0/24"
	case strings.Count(came, ".") == 3:
		p = "192.0.2.1"
	case strings.Count(came, ":") > 1:
		p = "2001:db8::1"
	default:
		p = "example-" + strconv.Itoa(n) + "-" + strings.Repeat("-example", len(came)/8+1)
		p = p[:max(len(came), len("example-")+len(strconv.Itoa(n)))]
	}
	r.placeholders[came] = p
	return p
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// write refuses a file that holds a secret, in any encoding that comes to mind.
func (r *recorder) write(root, name string, e *exchange) error {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	for _, secret := range r.secrets {
		for _, form := range []string{
			secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret),
		} {
			if bytes.Contains(text, []byte(form)) {
				return fmt.Errorf("%s/%s would hold a secret; nothing is written", e.operation, name)
			}
		}
	}
	if liveCredential.Match(text) {
		return fmt.Errorf("%s/%s would hold what looks like a credential; nothing is written", e.operation, name)
	}
	folder := filepath.Join(root, e.operation)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name), append(text, '\n'), 0o644)
}

// lifecycle makes a call of every operation, and deletes what it created.
func (r *recorder) lifecycle(ctx context.Context, client *cftokens.Client) (err error) {
	group, err := client.FindPermissionGroup(ctx, "Zone Read", cftokens.ScopeAccountZone)
	if err != nil {
		return err
	}
	created, err := client.Create(ctx, cftokens.TokenCreate{Name: "cftokens recording, to be deleted", Policies: []cftokens.Policy{{
		Effect: cftokens.EffectAllow, PermissionGroups: []cftokens.PermissionGroupRef{{ID: group.ID}}, Resources: resource.Of(resource.AllZones()),
	}}})
	if err != nil {
		return err
	}
	r.secrets = append(r.secrets, created.Value.Reveal())
	defer func() {
		err = errors.Join(err, client.Delete(context.WithoutCancel(ctx), created.ID))
		if _, getErr := client.Get(ctx, created.ID); getErr == nil {
			err = errors.Join(err, errors.New("the deleted token is still there"))
		}
	}()
	if _, err := client.Edit(ctx, created.ID, func(u *cftokens.TokenUpdate) error {
		u.Condition.RequestIP.In = []string{"192.0.2.0/24"}
		return nil
	}); err != nil {
		return err
	}
	if _, err := client.List(ctx, cftokens.ListOptions{PerPage: 5}); err != nil {
		return err
	}
	value, err := client.Roll(ctx, created.ID)
	if err != nil {
		return err
	}
	r.secrets = append(r.secrets, value.Reveal())
	_, err = client.Verify(ctx)
	return err
}

// record runs the lifecycle and writes what it saw below root.
func record(t *testing.T, root, token string, opts ...cftokens.Option) {
	t.Helper()
	w := &wire{next: &http.Transport{Proxy: http.ProxyFromEnvironment}}
	client, err := cftokens.NewClient(token, append(opts, cftokens.WithHTTPClient(&http.Client{Transport: w}), cftokens.WithRetryPolicy(cftokens.RetryPolicy{}))...)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{secrets: []string{token}, placeholders: map[string]string{}}
	if err := r.lifecycle(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	for i, e := range strict(t).name(t, w.exchanges) {
		out, err := r.recording(e)
		if err != nil {
			t.Fatalf("%s: %v", e.operation, err)
		}
		if err := r.write(root, fmt.Sprintf("%d_live_%d.json", e.Response.Status, i+1), out); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRecorder records from the fake, and holds what it wrote to what holds for the
// recordings. With -record.live, which make record gives, it records from the API.
func TestRecorder(t *testing.T) {
	if *recordLive {
		token := os.Getenv("CLOUDFLARE_API_TOKEN")
		if token == "" {
			t.Fatal("make record needs CLOUDFLARE_API_TOKEN, a token with the permission group API Tokens Write")
		}
		record(t, "testdata/recordings", token)
		return
	}
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	root := t.TempDir()
	record(t, root, server.Token, cftokens.WithBaseURL(server.URL))
	if left := server.Tokens(); len(left) != 0 {
		t.Errorf("%d tokens are left on the server", len(left))
	}

	exchanges := load(t, root)
	v := strict(t)
	for _, problem := range v.problems(exchanges) {
		t.Error(problem)
	}
	operations := map[string]bool{}
	for _, e := range exchanges {
		operations[e.operation] = true
		r := replay(t, e)
		switch {
		case e.Response.Status > 299:
			compareError(t, e, r.err)
		case r.err != nil:
			t.Errorf("%s: %v", e.name, r.err)
		case e.operation != "deleteToken":
			compareResult(t, e.name, object(t, e.Response.Body).(map[string]any)["result"], encode(t, r.result))
		}
		for _, m := range v.mutants(t, e) {
			requestErr, responseErr := v.check(m.exchange.request(), m.exchange.response())
			if requestErr == nil && responseErr == nil && !strings.HasSuffix(m.name, ": another type") {
				t.Errorf("openapi.yaml allows %s", m.name)
			}
		}
	}
	if len(operations) != len(operationIDs) {
		t.Errorf("only %v were recorded", sorted(operations))
	}
	for path, data := range files(t, root) {
		for _, secret := range []string{server.Token, "FAKE-", "cftokens recording", "127.0.0.1"} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s holds %.12q", path, secret)
			}
		}
	}
}

// TestRecorderRefuses a file that would hold a secret, wherever it hides.
func TestRecorderRefuses(t *testing.T) {
	t.Parallel()
	const hush = "EXAMPLE/token+value_not_a_secret_0123456"
	looksLive := "cfut" + "_" + strings.Repeat("A", 40)
	for name, text := range map[string]string{
		"as it is": hush, "in a query": url.QueryEscape(hush), "in base64": base64.StdEncoding.EncodeToString([]byte(hush)), "in hexadecimal": fmt.Sprintf("%x", hush),
		"what looks like a credential": looksLive,
	} {
		r := &recorder{secrets: []string{hush}, placeholders: map[string]string{}}
		e := &exchange{operation: "getToken"}
		e.Response.Body = json.RawMessage(jsonText(map[string]string{"message": "echo " + text}))
		root := t.TempDir()
		if err := r.write(root, "200_x.json", e); err == nil {
			t.Errorf("%s: it was written", name)
		}
		if written := files(t, root); len(written) != 0 {
			t.Errorf("%s: %v", name, sorted(written))
		}
	}
}
