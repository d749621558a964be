# An OpenAPI document reduced to what lies under /user/tokens, without the names that
# a document is free to choose: operation ids, tags, and names of security schemes.
def refs: [.. | objects | .["$ref"]? | strings | select(startswith("#/")) | split("/")[1:]];
def reachable($doc):
  ([.[], (.[] as $ref | $doc | getpath($ref) | refs[])] | unique) as $more
  | if $more == . then . else $more | reachable($doc) end;
def scheme: [.type, .scheme, .in, .name] | map(strings) | join(" ");

. as $doc
| ($doc.components.securitySchemes | map_values(scheme)) as $schemes
| def operation:
    del(.operationId, .tags)
    | .security = [(.security // $doc.security // [])[] | with_entries(.key |= $schemes[.])];
  {
    openapi,
    info: {title: "", version: ""},
    paths: .paths
      | with_entries(select(.key | test("^/user/tokens(/|$)")))
      | map_values(with_entries(if .value | type == "object" then .value |= operation else . end)),
    components: {securitySchemes: [$doc.components.securitySchemes[] | {key: scheme, value: .}] | from_entries}
  }
| reduce (.paths | refs | unique | reachable($doc))[] as $ref (.; setpath($ref; $doc | getpath($ref)))
