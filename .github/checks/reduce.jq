# Reduces an OpenAPI document to its operations on API tokens, and the names of other paths
# that contain "tokens". oasdiff's --match-path cannot do this: oasdiff first merges every
# allOf, and the published document has some that contradict themselves.
# Security schemes are renamed after their HTTP scheme, and the permission groups of an
# operation become its scopes, which are compared as a set.
def refs: [.. | objects | .["$ref"]? | strings | select(startswith("#/")) | split("/")[1:]];
def reachable($doc):
  ([.[], (.[] as $ref | $doc | getpath($ref) | refs[])] | unique) as $more
  | if $more == . then . else $more | reachable($doc) end;
def scheme: [.type, .scheme, .in, .name] | map(strings) | join(" ");

. as $doc
| ($doc.components.securitySchemes | map_values(scheme)) as $schemes
| def operation:
    .["x-api-token-group"] as $groups
    | .security = [(.security // $doc.security // [])[] | with_entries({key: $schemes[.key], value: ($groups // .value)})];
  {
    openapi,
    info: {title: "", version: ""},
    servers: [.servers[]? | {url}],
    paths: .paths
      | with_entries(select(.key | contains("tokens")))
      | with_entries(if .key | test("^/(user|accounts/[^/]+)/tokens(/|$)") | not then .value = {} end)
      | map_values(map_values(if type == "object" then operation end)),
    components: {securitySchemes: [$doc.components.securitySchemes[] | {key: scheme, value: .}] | from_entries}
  }
| reduce (.paths | refs | unique | reachable($doc))[] as $ref (.; setpath($ref; $doc | getpath($ref)))
# The published document does not describe the errors of the edge, so only the other form
# of an error is compared.
| walk(if type == "object" and any(.oneOf[]?; .["$ref"] == "#/components/schemas/EdgeError") then .oneOf[0] else . end)
