"""Pages of the CMS admin for units and the changes of their structure."""
