package provider

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// tls returns the TLS configuration of connections to the cloud.
func (r *resolver) tls() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if pem := r.pem("cacert_file"); pem != nil {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			r.unusable("cacert_file", "it contains no certificate in PEM format")
		}
	}
	config.InsecureSkipVerify = r.insecure()
	r.clientCertificate(config)
	return config
}

func (r *resolver) insecure() bool {
	value, from := r.find("insecure")
	if value == "" {
		return false
	}
	insecure, err := strconv.ParseBool(value)
	if err != nil {
		r.invalid("insecure", from, fmt.Sprintf("must be true or false, but is %q", value))
	}
	return insecure
}

// clientCertificate adds the client certificate with its key.
func (r *resolver) clientCertificate(config *tls.Config) {
	cert, key := r.text("cert"), r.text("key")
	switch {
	case cert == "" && key == "":
		return
	case key == "":
		r.missing("key", "A client certificate (cert) is set, but not its key.")
		return
	case cert == "":
		r.missing("cert", "The key of a client certificate is set, but not the certificate.")
		return
	}
	certPEM, keyPEM := r.pem("cert"), r.pem("key")
	if certPEM == nil || keyPEM == nil {
		return
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		r.unusable("cert", "it is not a certificate in PEM format, or key is not its key: "+err.Error())
		return
	}
	config.Certificates = []tls.Certificate{pair}
}

// pem returns the content of a setting that is a path or the content itself; nil if it is not set or cannot be read.
func (r *resolver) pem(name string) []byte {
	value := r.text(name)
	if value == "" {
		return nil
	}
	if strings.Contains(value, "-----BEGIN") {
		return []byte(value)
	}
	if rest, ok := strings.CutPrefix(value, "~/"); ok {
		value = filepath.Join(r.getenv("HOME"), rest)
	}
	content, err := openstack.ReadFile(value)
	if err != nil {
		// Omit the path, which could be a key whose PEM header is missing.
		var file *fs.PathError
		if errors.As(err, &file) {
			err = file.Err
		}
		r.unusable(name, err.Error())
		return nil
	}
	return content
}

// unusable reports a file that cannot be used.
func (r *resolver) unusable(name, why string) {
	_, from := r.find(name)
	r.fail(name, "Unusable "+name, fmt.Sprintf("%s, which comes from %s, must be the path of a PEM file or its content: %s.", name, from.describe(name), why))
}
