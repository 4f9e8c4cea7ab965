"""What a person looks at: tables, pictures, drawings of machines."""
