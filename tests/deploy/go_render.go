// Renders our chart by Go's own text/template: stdin is {"templates": {name: text}, "dot": {…}}, stdout {name: text}.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"
)

// JSON is YAML below the first level.
func toYaml(v interface{}) string {
	lines := []string{}
	say := func(before string, item interface{}) {
		out, _ := json.Marshal(item)
		lines = append(lines, before+string(out))
	}
	switch found := v.(type) {
	case []interface{}:
		for _, item := range found {
			say("- ", item)
		}
	case map[string]interface{}:
		for key, item := range found {
			say(key+": ", item)
		}
	default:
		say("", v)
	}
	return strings.Join(lines, "\n")
}

func main() {
	var given struct {
		Templates map[string]string
		Dot       map[string]interface{}
	}
	decoder := json.NewDecoder(os.Stdin)
	decoder.UseNumber()
	if err := decoder.Decode(&given); err != nil {
		panic(err)
	}
	all := template.New("chart").Option("missingkey=zero")
	all.Funcs(template.FuncMap{
		"quote":    func(v interface{}) string { return fmt.Sprintf("%q", fmt.Sprint(v)) },
		"list":     func(v ...interface{}) []interface{} { return v },
		"nindent":  func(n int, s string) string { return "\n" + strings.Repeat(" ", n) + strings.ReplaceAll(s, "\n", "\n"+strings.Repeat(" ", n)) },
		"required": func(_ string, v interface{}) interface{} { return v },
		"toYaml": toYaml,
		"default": func(fallback, v interface{}) interface{} {
			if truth, _ := template.IsTrue(v); truth {
				return v
			}
			return fallback
		},
		"include": func(name string, v interface{}) (string, error) {
			var out bytes.Buffer
			err := all.ExecuteTemplate(&out, name, v)
			return out.String(), err
		},
	})
	for name, text := range given.Templates {
		template.Must(all.New(name).Parse(text))
	}
	made := map[string]string{}
	for name := range given.Templates {
		if strings.HasPrefix(name, "_") {
			continue
		}
		var out bytes.Buffer
		if err := all.ExecuteTemplate(&out, name, given.Dot); err != nil {
			panic(err)
		}
		made[name] = out.String()
	}
	json.NewEncoder(os.Stdout).Encode(made)
}
