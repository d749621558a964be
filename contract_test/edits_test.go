package contract_test

import (
	"bytes"
	"strings"
	"testing"

	openapi "github.com/cftokens/cftokens-go"
)

// TestEditsAreNoticed edits the document, in memory, in ways that contradict the
// API or the library, and expects to be told where. Were it not for this test, the
// others might hold the document against nothing.
func TestEditsAreNoticed(t *testing.T) {
	t.Parallel()
	sent := strict(t).name(t, onTheFake(t).exchanges)
	for _, tt := range []struct{ name, before, after, want string }{
		{
			"response property renamed", "        last_used_on:\n          type: string", "        used_on:\n          type: string",
			`listTokens/200_two_tokens.json: answer to listTokens with status 200: response body doesn't match schema #/components/schemas/TokenListEnvelope: Error at "/result/0": property "last_used_on" is unsupported`,
		},
		{
			"enum value dropped", "enum: [active, disabled, expired, revoked (exposed)]", "enum: [active, disabled, expired]",
			`getToken/200_revoked.json: answer to getToken with status 200: response body doesn't match schema #/components/schemas/TokenEnvelope: Error at "/result/status": value is not one of the allowed values`,
		},
		{
			"optional property required", "      description: An API token, without its value.", "      description: An API token.\n      required: [last_used_on]",
			`getToken/200_never_used.json: answer to getToken with status 200: response body doesn't match schema #/components/schemas/TokenEnvelope: Error at "/result/last_used_on": property "last_used_on" is missing`,
		},
		{
			"type changed", "        per_page:\n          type: integer", "        per_page:\n          type: string",
			`Error at "/result_info/per_page": value must be a string`,
		},
		{
			"status removed", "        $ref: '#/components/requestBodies/TokenUpdateBody'\n      responses:\n        '200': { $ref: '#/components/responses/TokenResponse' }\n        4XX:", "        $ref: '#/components/requestBodies/TokenUpdateBody'\n      responses:\n        '200': { $ref: '#/components/responses/TokenResponse' }\n        3XX:",
			`updateToken/404_unknown_token.json: answer to updateToken with status 404: the status is not in the document`,
		},
		{
			"maxLength lowered", "              minLength: 40\n              maxLength: 80", "              minLength: 40\n              maxLength: 50",
			`Error at "/result/value": maximum string length is 50`,
		},
		{
			"query parameter removed", "      name: include_expired", "      name: include_all",
			`query parameter "include_expired" is not in the document`,
		},
		{
			"example wrong", "              total_pages: 1\n    TokenResponse:", "              total_pages: one\n    TokenResponse:",
			`value must be an integer`,
		},
		{
			"maximum narrowed below what the wrapper sends", "        minimum: 5\n        maximum: 50", "        minimum: 5\n        maximum: 49",
			`request of listTokens: parameter "per_page" in query has an error: number must be at most 49`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !bytes.Contains(openapi.Document, []byte(tt.before)) {
				t.Fatalf("openapi.yaml does not hold %q any more", tt.before)
			}
			edited := bytes.Replace(openapi.Document, []byte(tt.before), []byte(tt.after), 1)
			v := newValidator(t, edited)
			problems := v.problems(append(recordings(t), sent...))
			if err := v.valid(); err != nil {
				problems = append(problems, err.Error())
			}
			for _, problem := range problems {
				if strings.Contains(problem, tt.want) {
					t.Log(problem)
					return
				}
			}
			t.Errorf("none of %d problems says %s:\n%s", len(problems), tt.want, strings.Join(problems, "\n"))
		})
	}
}
