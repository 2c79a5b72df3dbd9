package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

var (
	outboundFields = []string{
		"name", "lb_policy", "connect_timeout", "circuit_breakers", "outlier_detection", "common_lb_config", "ring_hash_lb_config",
		"maglev_lb_config", "least_request_lb_config", "round_robin_lb_config", "upstream_connection_options",
		"typed_extension_protocol_options",
	}
	inboundFields = []string{
		"name", "connect_timeout", "circuit_breakers", "outlier_detection", "upstream_connection_options",
		"typed_extension_protocol_options",
	}
	routeFields = []string{
		"match", "route", "redirect", "direct_response", "request_headers_to_add", "request_headers_to_remove",
		"response_headers_to_add", "response_headers_to_remove", "typed_per_filter_config",
	}
	clusterName  = regexp.MustCompile(`^(outbound|inbound)\|\d+\|`)
	portName     = regexp.MustCompile(`^\d+$`)
	seconds      = regexp.MustCompile(`^(\d+(?:\.\d+)?)s$`)
	digits       = regexp.MustCompile(`^\d{1,15}$`)
	generalHosts = map[string]bool{"allow_any": true, "block_all": true}
	// texts are fields whose strings are not numbers, even where they look like numbers.
	texts = map[string]bool{"exact": true, "prefix": true, "value": true}
)

// field is a field of an object whose fields keep their order.
type field struct {
	name  string
	value any
}

type ordered []field

// MarshalJSON writes the fields in their order.
func (o ordered) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	for i, each := range o {
		if i > 0 {
			text.WriteByte(',')
		}
		value, err := formatJSON(each.value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&text, "%q:%s", each.name, bytes.TrimSpace(value))
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

// formatJSON writes one line, without escapes for HTML.
func formatJSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return text.Bytes(), err
}

// reduce returns what decides behaviour: clusters of services and virtual hosts of ports, in a fixed order and spelling.
func reduce(generated configuration) ordered {
	clusters := []ordered{}
	for _, cluster := range generated.clusters {
		name, _ := cluster["name"].(string)
		if !clusterName.MatchString(name) {
			continue
		}
		fields := outboundFields
		if strings.HasPrefix(name, "inbound") {
			fields = inboundFields
		}
		clusters = append(clusters, pick(cluster, fields))
	}
	hosts := []ordered{}
	for _, route := range generated.routes {
		if name, _ := route["name"].(string); portName.MatchString(name) {
			hosts = append(hosts, virtualHosts(list(route["virtual_hosts"]))...)
		}
	}
	sortByName(clusters)
	sortByName(hosts)
	return ordered{{"clusters", clusters}, {"virtual_hosts", hosts}}
}

func virtualHosts(hosts []any) []ordered {
	var reduced []ordered
	for _, each := range hosts {
		host := each.(message)
		name, _ := host["name"].(string)
		if generalHosts[name] {
			continue
		}
		domains := []string{}
		for _, domain := range list(host["domains"]) {
			domains = append(domains, domain.(string))
		}
		sort.Strings(domains)
		routes := []ordered{}
		for _, route := range list(host["routes"]) {
			routes = append(routes, pick(route.(message), routeFields))
		}
		reduced = append(reduced, ordered{{"name", name}, {"domains", domains}, {"routes", routes}})
	}
	return reduced
}

func list(value any) []any {
	values, _ := value.([]any)
	return values
}

func sortByName(objects []ordered) {
	sort.SliceStable(objects, func(i, j int) bool { return objects[i][0].value.(string) < objects[j][0].value.(string) })
}

func pick(object message, fields []string) ordered {
	picked := ordered{}
	for name, value := range object {
		if !keeps(name, value) {
			delete(object, name)
		}
	}
	for _, name := range fields {
		if value, found := object[name]; found {
			picked = append(picked, field{name, spell(value, name)})
		}
	}
	return picked
}

// keeps leaves out fields that mean the same as no field.
func keeps(name string, value any) bool {
	object, isObject := value.(message)
	isEmpty := isObject && len(object) == 0
	return value != nil && name != "ignore_port_in_host_matching" && !(name == "common_lb_config" && isEmpty)
}

// spell gives values of equal meaning one spelling: durations, and 64-bit numbers in strings.
func spell(value any, name string) any {
	switch value := value.(type) {
	case string:
		return spellText(value, name)
	case []any:
		spelled := make([]any, len(value))
		for i, each := range value {
			spelled[i] = spell(each, name)
		}
		return spelled
	case message:
		if _, found := value["value"]; name == "healthy_panic_threshold" && !found {
			return message{"value": 0}
		}
		spelled := message{}
		for field, each := range value {
			if keeps(field, each) {
				spelled[field] = spell(each, field)
			}
		}
		return spelled
	default:
		return value
	}
}

func spellText(text, name string) any {
	if duration := seconds.FindStringSubmatch(text); duration != nil {
		number, err := strconv.ParseFloat(duration[1], 64)
		if err == nil {
			return strconv.FormatFloat(number, 'f', -1, 64) + "s"
		}
	}
	if digits.MatchString(text) && !texts[name] {
		number, err := strconv.ParseInt(text, 10, 64)
		if err == nil {
			return number
		}
	}
	return text
}
