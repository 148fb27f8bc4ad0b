package tfkit

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestSettleRegion(t *testing.T) {
	for name, tt := range map[string]struct {
		have    types.String
		regions []string
		want    types.String
	}{
		"what is there stays":         {types.StringValue("one"), []string{"two"}, types.StringValue("one")},
		"not known yet":               {types.StringUnknown(), []string{"two"}, types.StringValue("two")},
		"left out":                    {types.StringNull(), []string{"", "three"}, types.StringValue("three")},
		"nobody knows of any":         {types.StringUnknown(), []string{"", ""}, types.StringNull()},
		"nobody was asked about any":  {types.StringNull(), nil, types.StringNull()},
		"an empty one that was given": {types.StringValue(""), []string{"two"}, types.StringValue("two")},
	} {
		if got := SettleRegion(tt.have, tt.regions...); !got.Equal(tt.want) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestTimeOrNull(t *testing.T) {
	if got := TimeOrNull(time.Time{}); !got.IsNull() {
		t.Errorf("the zero time is %s", got)
	}
	if got := TimeOrNull(time.Date(2026, 11, 29, 1, 0, 0, 0, time.FixedZone("", 3600))); got.ValueString() != "2026-11-29T00:00:00Z" {
		t.Errorf("the time is %s", got)
	}
}

func TestKeepUnlessReturned(t *testing.T) {
	shown := int64(3)
	for name, tt := range map[string]struct {
		have     types.Int64
		returned *int64
		want     types.Int64
	}{
		"returned":              {types.Int64Value(2), &shown, types.Int64Value(3)},
		"not returned":          {types.Int64Value(2), nil, types.Int64Value(2)},
		"not known by anybody":  {types.Int64Unknown(), nil, types.Int64Null()},
		"null and not returned": {types.Int64Null(), nil, types.Int64Null()},
	} {
		if got := KeepUnlessReturned(tt.have, tt.returned, types.Int64Value, types.Int64Null); !got.Equal(tt.want) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestMarkersAreFoundAmongOtherPlanModifiers(t *testing.T) {
	only := schema.StringAttribute{PlanModifiers: []planmodifier.String{RequiresReplaceIfKnown{}, ProviderSideOnly{}}}
	changing := schema.StringAttribute{PlanModifiers: []planmodifier.String{UnknownOnServerChange{}}}
	for name, tt := range map[string]struct {
		attribute      schema.Attribute
		only, changing bool
	}{
		"provider side":     {only, true, false},
		"a bool":            {schema.BoolAttribute{PlanModifiers: []planmodifier.Bool{ProviderSideOnly{}}}, true, false},
		"an object":         {schema.SingleNestedAttribute{PlanModifiers: []planmodifier.Object{ProviderSideOnly{}}}, true, false},
		"changes by itself": {changing, false, true},
		"neither":           {schema.StringAttribute{PlanModifiers: []planmodifier.String{RequiresReplaceIfKnown{}}}, false, false},
		"of another type":   {schema.ListAttribute{}, false, false},
	} {
		if o, c := marked[ProviderSideOnly](tt.attribute), marked[UnknownOnServerChange](tt.attribute); o != tt.only || c != tt.changing {
			t.Errorf("%s: provider side %t, unknown on change %t", name, o, c)
		}
	}
}
