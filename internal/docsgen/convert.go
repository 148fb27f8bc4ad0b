package main

import (
	"errors"
	"fmt"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// convert turns what the provider answers into the JSON form of the Terraform command line. It fails on kinds of schema
// that it does not know, rather than leave their pages out.
func convert(in *tfprotov6.GetProviderSchemaResponse, ids *tfprotov6.GetResourceIdentitySchemasResponse) (*tfjson.ProviderSchema, error) {
	if len(in.Functions) > 0 || len(in.StateStoreSchemas) > 0 {
		return nil, errors.New("functions and state stores are not converted yet: their pages would be missing")
	}
	out := &tfjson.ProviderSchema{}
	var err error
	if out.ConfigSchema, err = schema(in.Provider); err != nil {
		return nil, fmt.Errorf("provider: %w", err)
	}
	for _, kind := range []struct {
		in  map[string]*tfprotov6.Schema
		out *map[string]*tfjson.Schema
	}{
		{in.ResourceSchemas, &out.ResourceSchemas},
		{in.DataSourceSchemas, &out.DataSourceSchemas},
		{in.EphemeralResourceSchemas, &out.EphemeralResourceSchemas},
		{in.ListResourceSchemas, &out.ListResourceSchemas},
	} {
		if *kind.out, err = each(kind.in, schema); err != nil {
			return nil, err
		}
	}
	if out.ActionSchemas, err = each(in.ActionSchemas, action); err != nil {
		return nil, err
	}
	if out.ResourceIdentitySchemas, err = each(ids.IdentitySchemas, identity); err != nil {
		return nil, err
	}
	return out, nil
}

// each converts every value of in, and names the key where one fails.
func each[In, Out any](in map[string]In, f func(In) (Out, error)) (map[string]Out, error) {
	out := make(map[string]Out, len(in))
	for name, v := range in {
		converted, err := f(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = converted
	}
	return out, nil
}

func schema(in *tfprotov6.Schema) (*tfjson.Schema, error) {
	b, err := block(in.Block)
	return &tfjson.Schema{Version: uint64(in.Version), Block: b}, err //nolint:gosec // a schema version is never negative
}

func action(in *tfprotov6.ActionSchema) (*tfjson.ActionSchema, error) {
	b, err := block(in.Schema.Block)
	return &tfjson.ActionSchema{Block: b}, err
}

func block(in *tfprotov6.SchemaBlock) (*tfjson.SchemaBlock, error) {
	attrs, err := attributes(in.Attributes)
	if err != nil {
		return nil, err
	}
	out := &tfjson.SchemaBlock{
		Attributes:      attrs,
		NestedBlocks:    map[string]*tfjson.SchemaBlockType{},
		Description:     in.Description,
		DescriptionKind: descriptionKind(in.DescriptionKind),
		Deprecated:      in.Deprecated,
	}
	for _, b := range in.BlockTypes {
		nested, err := block(b.Block)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.TypeName, err)
		}
		out.NestedBlocks[b.TypeName] = &tfjson.SchemaBlockType{
			NestingMode: nesting(b.Nesting),
			Block:       nested,
			MinItems:    uint64(b.MinItems), //nolint:gosec // counts are never negative
			MaxItems:    uint64(b.MaxItems), //nolint:gosec // counts are never negative
		}
	}
	return out, nil
}

func attributes(in []*tfprotov6.SchemaAttribute) (map[string]*tfjson.SchemaAttribute, error) {
	out := make(map[string]*tfjson.SchemaAttribute, len(in))
	for _, a := range in {
		converted, err := attribute(a)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		out[a.Name] = converted
	}
	return out, nil
}

func attribute(in *tfprotov6.SchemaAttribute) (*tfjson.SchemaAttribute, error) {
	out := &tfjson.SchemaAttribute{
		Description:     in.Description,
		DescriptionKind: descriptionKind(in.DescriptionKind),
		Deprecated:      in.Deprecated,
		Required:        in.Required,
		Optional:        in.Optional,
		Computed:        in.Computed,
		Sensitive:       in.Sensitive,
		WriteOnly:       in.WriteOnly,
	}
	if in.NestedType == nil {
		raw, err := typeJSON(in.Type)
		if err != nil {
			return nil, err
		}
		return out, out.AttributeType.UnmarshalJSON(raw)
	}
	nested, err := attributes(in.NestedType.Attributes)
	out.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
		Attributes:  nested,
		NestingMode: nesting(in.NestedType.Nesting),
	}
	return out, err
}

func identity(in *tfprotov6.ResourceIdentitySchema) (*tfjson.IdentitySchema, error) {
	out := &tfjson.IdentitySchema{
		Version:    uint64(in.Version), //nolint:gosec // a schema version is never negative
		Attributes: map[string]*tfjson.IdentityAttribute{},
	}
	for _, a := range in.IdentityAttributes {
		converted := &tfjson.IdentityAttribute{
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
		raw, err := typeJSON(a.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		if err := converted.IdentityType.UnmarshalJSON(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		out.Attributes[a.Name] = converted
	}
	return out, nil
}

// typeJSON is the form in which types cross the plugin protocol.
func typeJSON(t tftypes.Type) ([]byte, error) {
	return t.MarshalJSON() //nolint:staticcheck // deprecated for want of callers outside the protocol; this is the protocol's form
}

// nesting names a mode as the command line does: the protocol's name in lower case.
func nesting(mode fmt.Stringer) tfjson.SchemaNestingMode {
	return tfjson.SchemaNestingMode(strings.ToLower(mode.String()))
}

func descriptionKind(kind tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	if kind == tfprotov6.StringKindMarkdown {
		return tfjson.SchemaDescriptionKindMarkdown
	}
	return tfjson.SchemaDescriptionKindPlain
}
