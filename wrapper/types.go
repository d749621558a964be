package cftokens

import "github.com/cftokens/cftokens-go/gen"

// Token is an API token without its value. Times are nil where the API gives
// none: a token that was never used has no LastUsedOn, one that never expires no
// ExpiresOn. In a Policy, order is not kept by the API; compare with
// [SamePolicies].
type Token = gen.Token

// TokenCreate is what [Client.Create] makes a token of. Name and Policies are
// required.
type TokenCreate = gen.TokenCreate

// TokenUpdate is what [Client.Update] replaces a token with. Name and Policies
// are required. NotBefore and ExpiresOn are left alone by the API while they are
// unset; see github.com/oapi-codegen/nullable for setting them and for sending
// null.
type TokenUpdate = gen.TokenUpdate

// CreatedToken is a token that was just created. Its Value is shown only once.
type CreatedToken = gen.CreatedToken

// Policy grants or denies permission groups on resources.
type Policy = gen.Policy

// PermissionGroupRef names a permission group in a [Policy]; only its ID is sent.
type PermissionGroupRef = gen.PermissionGroupRef

// PermissionGroup is an entry of the catalogue of permission groups.
type PermissionGroup = gen.PermissionGroup

// Condition is what a request must meet besides being signed with the token.
type Condition = gen.Condition

// RequestIP restricts a token to addresses and networks.
type RequestIP = gen.RequestIP

// Verification is what the API tells of the token that signed the request.
type Verification = gen.Verification

// ResultInfo is where a page stands in its list, as the API tells it.
type ResultInfo = gen.ResultInfo

// TokenStatus is the state of a token. Values other than the constants occur.
type TokenStatus = gen.TokenStatus

// States of a token. TokenStatusRevokedExposed is given to a token that
// Cloudflare found leaked; it cannot be sent.
const (
	TokenStatusActive         = gen.TokenStatusActive
	TokenStatusDisabled       = gen.TokenStatusDisabled
	TokenStatusExpired        = gen.TokenStatusExpired
	TokenStatusRevokedExposed = gen.TokenStatusRevokedExposed
)

// Effect is whether a [Policy] grants or denies.
type Effect = gen.Effect

// Effects of a policy. A denial wins over a grant.
const (
	EffectAllow = gen.EffectAllow
	EffectDeny  = gen.EffectDeny
)

// Direction is the order of a list.
type Direction = gen.Direction

// Orders of a list. The API's own order is not documented.
const (
	DirectionAsc  = gen.DirectionAsc
	DirectionDesc = gen.DirectionDesc
)

// Scope is the kind of resource that a permission group is granted on. Values
// other than the constants may come.
type Scope = gen.Scope

// Scopes of permission groups. Groups of different scopes must stand in policies
// of their own.
const (
	ScopeAccount     = gen.ScopeAccount
	ScopeAccountZone = gen.ScopeAccountZone
	ScopeUser        = gen.ScopeUser
	ScopeR2Bucket    = gen.ScopeR2Bucket
)

// Category is the field that a permission group belongs to. Values other than
// the constants may come.
type Category = gen.Category

// Categories of permission groups.
const (
	CategoryAIAndMachineLearning      = gen.CategoryAIAndMachineLearning
	CategoryAccountAndBilling         = gen.CategoryAccountAndBilling
	CategoryAnalyticsAndLogs          = gen.CategoryAnalyticsAndLogs
	CategoryAppSecurity               = gen.CategoryAppSecurity
	CategoryCacheAndPerformance       = gen.CategoryCacheAndPerformance
	CategoryCloudflareOneAndZeroTrust = gen.CategoryCloudflareOneAndZeroTrust
	CategoryDNSAndZones               = gen.CategoryDNSAndZones
	CategoryDeveloperPlatform         = gen.CategoryDeveloperPlatform
	CategoryEmailAndMessaging         = gen.CategoryEmailAndMessaging
	CategoryMedia                     = gen.CategoryMedia
	CategoryNetworkServices           = gen.CategoryNetworkServices
	CategoryOther                     = gen.CategoryOther
	CategoryRulesAndConfiguration     = gen.CategoryRulesAndConfiguration
)
